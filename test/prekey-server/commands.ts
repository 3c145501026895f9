// SPDX-License-Identifier: GPL-3.0-or-later

import type { PublishCommand, RawEnsemble, Shelf, StoredMessage } from '#otr';
import { validateInstanceTag } from '#otr';
import { publisherContext } from '../support/prekey-parties.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const NOW = Date.UTC(2026, 5, 1);

export const publicKey = publisherContext().own.longTermKey.public;
export const otherKey = publisherContext({ key: 'pks/renewed' }).own.longTermKey.public;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);

/** Bytes that are no real messages: a store does not look into them. */
export const messages = (...ids: readonly number[]): readonly StoredMessage[] =>
  ids.map((id) => ({ id, raw: bytes(`message ${String(id)}`) }));

export const manyIds = (from: number, n: number): readonly number[] =>
  Array.from({ length: n }, (_, k) => from + k);

interface Wanted {
  readonly identity?: string;
  readonly device?: number;
  readonly key?: Shelf['publicKey'];
  readonly ids?: readonly number[];
  readonly content?: readonly StoredMessage[];
  /** When the profiles expire; undefined publishes none. */
  readonly client?: number | undefined;
  readonly prekey?: number | undefined;
}

/** What a verified publication asks for; both profiles in force for a day unless it says otherwise. */
export function command(wanted: Wanted = {}): PublishCommand {
  const { identity = 'bob@z.example', device = 0x101, key = publicKey, ids = [] } = wanted;
  const { client = NOW + DAY_MS, prekey = NOW + DAY_MS } = wanted;
  const profile = (what: string, expiresAt: number | undefined) =>
    expiresAt === undefined ? undefined : { raw: bytes(`${what} of ${String(device)}`), expiresAt };
  return {
    tag: 'publish',
    shelf: { identity, ownerTag: validateInstanceTag(device, 'tag'), publicKey: key },
    prekeyMessages: wanted.content ?? messages(...ids),
    clientProfile: profile('client', 'client' in wanted ? wanted.client : client),
    prekeyProfile: profile('prekey', 'prekey' in wanted ? wanted.prekey : prekey),
  };
}

export const shelf = (wanted: Wanted = {}): Shelf => command(wanted).shelf;

export function order(identity = 'bob@z.example', device?: number, reserve = 0) {
  const ownerTag = device === undefined ? undefined : validateInstanceTag(device, 'tag');
  return { tag: 'take', identity, ownerTag, reserve } as const;
}

/** `message 7` → 7 */
export const idOf = ({ prekeyMessage }: RawEnsemble): number =>
  Number(text(prekeyMessage).replace('message ', ''));
