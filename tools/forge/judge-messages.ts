// SPDX-License-Identifier: GPL-3.0-or-later

import {
  type DataMessage,
  decodeDataMessage,
  encodeDataMessage,
  encodeDataSections,
} from '#otr/codec/data-message.ts';
import type { Message } from './exhibits.ts';
import { hash } from './judge-crypto.ts';

const MAC_LENGTH = 64;
const AUTHENTICATOR_USAGE = 0x18;

/** One end, and the keys it announced for the ratchet. */
export interface Party {
  readonly from: string;
  readonly tag: number;
  readonly firstEcdh: Uint8Array;
  readonly firstDh: bigint;
}

type Role = 'initiator' | 'responder';

/** What a judge has seen one end do. */
interface Seen {
  readonly ecdh: Set<string>;
  chain: { id: number; ecdh: string; dh: bigint | undefined; count: number; pn: number };
  /** Messages whose MAC key the other end has yet to reveal. */
  unrevealed: { authenticated: Uint8Array; authenticator: Uint8Array }[];
}

/** How a key exchange leaves the ratchet. */
export interface Start {
  /** Whose keys of the exchange are those of a chain, with the id 0. */
  readonly first: Role;
  /** Rotations that the exchange counts as. */
  readonly rotations: number;
}

const INTERACTIVE: Start = { first: 'responder', rotations: 0 };
export const NON_INTERACTIVE: Start = { first: 'initiator', rotations: 1 };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Data messages in the order in which they were exchanged, each delivered before the next. */
export function judgeMessages(
  messages: readonly Message[],
  parties: Readonly<Record<Role, Party>>,
  start: Start = INTERACTIVE,
) {
  const book = new Book(parties, start);
  for (const [index, message] of messages.entries()) book.read(message, index + 1);
  const { findings, shape, authenticated } = book;
  return { findings, shape, authenticated };
}

class Book {
  readonly findings: string[] = [];
  readonly shape: string[] = [];
  authenticated = 0;
  /** `i`, and who rotated last. */
  #rotations: number;
  #turn: Role;
  readonly #parties: Readonly<Record<Role, Party>>;
  readonly #seen: Record<Role, Seen>;

  constructor(parties: Readonly<Record<Role, Party>>, { first, rotations }: Start) {
    this.#parties = parties;
    this.#rotations = rotations;
    this.#turn = first;
    const open = (role: Role): Seen => {
      const { firstEcdh, firstDh } = parties[role];
      const ecdh = hex(firstEcdh);
      const chain =
        role === first
          ? { id: 0, ecdh, dh: firstDh, count: 0, pn: 0 }
          : { id: -1, ecdh: '', dh: undefined, count: 0, pn: 0 };
      return { ecdh: new Set([ecdh]), chain, unrevealed: [] };
    };
    this.#seen = { initiator: open('initiator'), responder: open('responder') };
  }

  read({ from, kind, bytes }: Message, number: number): void {
    const insist = (holds: boolean, finding: string): void => {
      if (!holds) this.findings.push(`Data message ${number}: ${finding}.`);
    };
    if (kind !== 'data') {
      insist(false, 'it is none');
      return;
    }
    const { message, authenticated } = decodeDataMessage(bytes);
    const sender: Role = from === this.#parties.initiator.from ? 'initiator' : 'responder';
    const receiver: Role = sender === 'initiator' ? 'responder' : 'initiator';
    const again = encodeDataMessage(encodeDataSections(message), message.authenticator, [
      message.revealedMacKeys,
    ]);
    insist(Buffer.compare(bytes, again) === 0, 'it has another spelling');
    insist(from === this.#parties[sender].from, 'it is of somebody else');
    insist(message.senderTag === this.#parties[sender].tag, 'it is of another device');
    insist(message.receiverTag === this.#parties[receiver].tag, 'it is for another device');
    const rotates = sender !== this.#turn;
    if (rotates) this.#rotate(sender, message, insist);
    this.#follow(sender, message, insist);
    this.#reveal(receiver, message, rotates || message.ignoreUnreadable, insist);
    const { authenticator } = message;
    this.#seen[sender].unrevealed.push({ authenticated, authenticator });
    this.shape.push(
      `${sender} data ratchet=${message.ratchetId} message=${message.messageId} ` +
        `pn=${message.previousChainLength} dh=${String(message.dhPublic !== undefined)} ` +
        `length=${message.ciphertext.length} flag=${String(message.ignoreUnreadable)} ` +
        `reveals=${message.revealedMacKeys.length / MAC_LENGTH}`,
    );
  }

  /** The first message of a new ratchet. */
  #rotate(sender: Role, message: DataMessage, insist: Insist): void {
    this.#rotations += 1;
    this.#turn = sender;
    const seen = this.#seen[sender];
    const ecdh = hex(message.ecdhPublic);
    insist(!seen.ecdh.has(ecdh), 'its ECDH key was used before');
    seen.ecdh.add(ecdh);
    if (message.dhPublic !== undefined) {
      insist(message.dhPublic !== seen.chain.dh, 'its DH key was used before');
    }
    seen.chain = {
      id: this.#rotations - 1,
      ecdh,
      dh: message.dhPublic,
      count: 0,
      pn: seen.chain.count,
    };
  }

  /** Every message of a ratchet carries the same keys, and its number. */
  #follow(sender: Role, message: DataMessage, insist: Insist): void {
    const { chain } = this.#seen[sender];
    const hasDh = chain.id % 3 === 0;
    insist(message.ratchetId === chain.id, 'its ratchet id is wrong');
    insist(message.messageId === chain.count, 'its message id is wrong');
    insist(message.previousChainLength === chain.pn, 'its previous chain message number is wrong');
    insist(hex(message.ecdhPublic) === chain.ecdh, 'its ECDH key is not that of its ratchet');
    insist((message.dhPublic !== undefined) === hasDh, 'a DH key is missing, or one too many');
    if (hasDh) insist(message.dhPublic === chain.dh, 'its DH key is not that of its ratchet');
    chain.count += 1;
  }

  /** Who starts a ratchet, or ends, reveals the key of every message received; nobody else any. */
  #reveal(receiver: Role, message: DataMessage, mayReveal: boolean, insist: Insist): void {
    const other = this.#seen[receiver];
    const { revealedMacKeys } = message;
    const count = revealedMacKeys.length / MAC_LENGTH;
    insist(count === 0 || mayReveal, 'it reveals MAC keys out of turn');
    for (let at = 0; at < count; at += 1) {
      const key = revealedMacKeys.slice(at * MAC_LENGTH, (at + 1) * MAC_LENGTH);
      const found = other.unrevealed.findIndex(
        ({ authenticated, authenticator }) =>
          Buffer.compare(
            hash(AUTHENTICATOR_USAGE, [key, authenticated], MAC_LENGTH),
            authenticator,
          ) === 0,
      );
      insist(found !== -1, 'it reveals a MAC key of no message');
      if (found !== -1) {
        other.unrevealed.splice(found, 1);
        this.authenticated += 1;
      }
    }
    const isDue = count > 0 || this.#isFirst(message);
    insist(!isDue || other.unrevealed.length === 0, 'it keeps back a MAC key that was due');
  }

  #isFirst({ messageId, ratchetId }: DataMessage): boolean {
    return messageId === 0 && ratchetId > 0;
  }
}

type Insist = (holds: boolean, finding: string) => void;
