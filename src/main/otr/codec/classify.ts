// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Encoded Messages": what kind of thing a body is, before anything in it is believed.

import type { InstanceTag } from '../bytes.ts';
import { tryRead } from '../errors.ts';
import { ARMOR_PREFIX, parseArmor } from './armor.ts';
import { findError } from './error-message.ts';
import type { ErrorCode } from './error-message.ts';
import { FRAGMENT_PREFIX } from './fragment.ts';
import { MESSAGE_TYPE, peekHeader } from './header.ts';
import type { ReceiverTag } from './instance-tag.ts';
import { findQuery } from './query.ts';
import { peekVersion3, peekVersion3Fragment } from './version-3.ts';
import type { Version3Message } from './version-3.ts';
import { findWhitespaceTag } from './whitespace-tag.ts';

export type OtrMessageKind = 'identity' | 'auth-r' | 'auth-i' | 'non-interactive-auth' | 'data';

/** What a body is, by its outer form. Nothing about it is verified. */
export type BodyKind =
  | { readonly kind: 'plaintext' }
  | { readonly kind: 'whitespace-tag'; readonly versions: string }
  | { readonly kind: 'query'; readonly versions: string }
  | { readonly kind: 'error'; readonly code: ErrorCode | undefined }
  | { readonly kind: 'fragment' }
  | {
      readonly kind: 'message';
      readonly message: OtrMessageKind;
      readonly senderTag: InstanceTag;
      /** 0 when the sender does not know it yet. */
      readonly receiverTag: ReceiverTag;
    }
  | ({ readonly kind: 'version-3' } & Version3Message)
  /** Starts like an encoded message but is none of version 3 or 4. */
  | { readonly kind: 'foreign' };

const KINDS = new Map<number, OtrMessageKind>([
  [MESSAGE_TYPE.identity, 'identity'],
  [MESSAGE_TYPE.authR, 'auth-r'],
  [MESSAGE_TYPE.authI, 'auth-i'],
  [MESSAGE_TYPE.nonInteractiveAuth, 'non-interactive-auth'],
  [MESSAGE_TYPE.data, 'data'],
]);

type Message = Extract<BodyKind, { kind: 'message' }>;

/** As {@link BodyKind}; a message comes with the bytes it encodes. */
export type RecognisedBody =
  Exclude<BodyKind, Message> | (Message & { readonly bytes: Uint8Array });

/** {@link recognise} for those who need not read the message itself. */
export function classify(body: string): BodyKind {
  const found = recognise(body);
  if (found.kind !== 'message') return found;
  const { kind, message, senderTag, receiverTag } = found;
  return { kind, message, senderTag, receiverTag };
}

/**
 * Recognises a body; never throws. Fragments and encoded messages stand alone, an error stands at
 * the start, a query or a whitespace tag may stand anywhere, and the first that fits wins, in this
 * order: what an error message quotes can start nothing.
 */
export function recognise(body: string): RecognisedBody {
  const trimmed = body.trim();
  if (trimmed.startsWith(FRAGMENT_PREFIX))
    return tryRead(() => recogniseFragment(trimmed)) ?? FOREIGN;
  if (trimmed.startsWith(ARMOR_PREFIX)) return tryRead(() => recogniseEncoded(trimmed)) ?? FOREIGN;
  const error = findError(body);
  if (error !== undefined) return { kind: 'error', code: error.code };
  const versions = findQuery(body);
  if (versions !== undefined) return { kind: 'query', versions };
  const tag = findWhitespaceTag(body);
  if (tag !== undefined) return { kind: 'whitespace-tag', versions: tag.versions };
  return { kind: 'plaintext' };
}

const FOREIGN = { kind: 'foreign' } as const;

function recogniseFragment(text: string): RecognisedBody {
  const older = peekVersion3Fragment(text);
  return older === undefined ? { kind: 'fragment' } : { kind: 'version-3', ...older };
}

function recogniseEncoded(armored: string): RecognisedBody {
  const bytes = parseArmor(armored);
  const older = peekVersion3(bytes);
  if (older !== undefined) return { kind: 'version-3', ...older };
  const { type, senderTag, receiverTag } = peekHeader(bytes);
  const message = KINDS.get(type);
  return message === undefined
    ? FOREIGN
    : { kind: 'message', message, senderTag, receiverTag, bytes };
}
