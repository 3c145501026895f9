// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Storage Status Message", "Success Message", "Failure Message", as the client reads them.

import { equalBytes } from '../../crypto/constant-time.ts';
import type { Env } from '../../env.ts';
import { LIMITS } from '../../limits.ts';
import { macOfFailure, macOfStatus, macOfSuccess } from '../mac.ts';
import { PREKEY_TYPE } from '../message/header.ts';
import { decodeFailure, decodeSuccess } from '../message/outcome.ts';
import { decodeStorageStatus } from '../message/storage-status.ts';
import { conclude } from './exchange.ts';
import { ignorePrekey } from './state.ts';
import type {
  AwaitingResult,
  PrekeyClient,
  PrekeyClientEffect,
  PrekeyClientStep,
  PrekeyIgnoredWhy,
} from './state.ts';

/**
 * The one answer to our DAKE-3. Anyone could write one with a wrong MAC, so that one is passed over
 * and the right one may still come.
 *
 * @throws {OtrError} when it is malformed
 */
export function receiveAnswer(
  client: PrekeyClient,
  type: number,
  bytes: Uint8Array,
  env: Env,
): PrekeyClientStep {
  const { exchange } = client;
  if (exchange.tag !== 'awaiting-result') return ignorePrekey(client, 'unexpected');
  const result = readResult(exchange, type, bytes);
  return typeof result === 'string' ? ignorePrekey(client, result) : conclude(client, result, env);
}

function readResult(
  exchange: AwaitingResult,
  type: number,
  bytes: Uint8Array,
): PrekeyClientEffect | PrekeyIgnoredWhy {
  switch (type) {
    case PREKEY_TYPE.storageStatus:
      return readStatus(exchange, bytes);
    case PREKEY_TYPE.success:
      return readSuccess(exchange, bytes);
    default:
      return readFailure(exchange, bytes);
  }
}

function readStatus(
  { request, own, macKey }: AwaitingResult,
  bytes: Uint8Array,
): PrekeyClientEffect | PrekeyIgnoredWhy {
  if (request.tag !== 'status') return 'unexpected';
  const { receiverTag, count, mac } = decodeStorageStatus(bytes);
  if (receiverTag !== own.profile.ownerTag) return 'not-for-us';
  if (!equalBytes(mac, macOfStatus(macKey, receiverTag, count))) return 'invalid';
  return { tag: 'status', count: Math.min(count, LIMITS.prekeysStored) };
}

function readSuccess(
  { request, own, macKey }: AwaitingResult,
  bytes: Uint8Array,
): PrekeyClientEffect | PrekeyIgnoredWhy {
  if (request.tag !== 'publish') return 'unexpected';
  const { receiverTag, mac } = decodeSuccess(bytes);
  if (receiverTag !== own.profile.ownerTag) return 'not-for-us';
  if (!equalBytes(mac, macOfSuccess(macKey, receiverTag))) return 'invalid';
  return { tag: 'published', publication: request.publication };
}

function readFailure(
  { request, own, macKey }: AwaitingResult,
  bytes: Uint8Array,
): PrekeyClientEffect | PrekeyIgnoredWhy {
  const { receiverTag, mac } = decodeFailure(bytes);
  if (receiverTag !== own.profile.ownerTag) return 'not-for-us';
  if (!equalBytes(mac, macOfFailure(macKey, receiverTag))) return 'invalid';
  return { tag: 'failed', request, why: 'refused' };
}
