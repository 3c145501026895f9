// SPDX-License-Identifier: GPL-3.0-or-later

import { formatArmor } from '#otr/codec/armor.ts';
import type { Secret } from '#otr/crypto/secret.ts';
import { tryRead } from '#otr/errors.ts';
import {
  findRevealedMacKey,
  forgeDataMessage,
  isMacKeyOf,
  modifyDataMessage,
  readDataMessage,
  remacMessage,
  showMacKey,
} from '#otr/forging/data-message.ts';
import {
  type Field,
  type ParsedMessage,
  parseMessage,
  parsePublished,
} from '#otr/forging/parse.ts';
import type { Command, Given } from './command.ts';
import { Complaint } from './complaint.ts';
import { isPublished, publishedBytes } from './exhibits.ts';
import { note, readBytes, writeSecret } from './files.ts';
import { bodiesIn, readMessage } from './inputs.ts';
import { readSymmetricKey } from './keys.ts';

const write = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const parse: Command = {
  does: 'shows every field of OTR messages, and of what is published',
  usage: `FILE...

  FILE  holds OTR messages, one on a line, such as a transcript; or, as bytes or base64, a Prekey
        message, a Prekey Profile, a Client Profile or a Prekey Ensemble; - is standard input`,
  options: {},
  run({ files }) {
    const parsed = (files.length === 0 ? ['-'] : files).flatMap(parseFile);
    for (const { kind, fields } of parsed) write(`${kind}\n${formatFields(fields, 1)}`);
  },
};

function parseFile(path: string): readonly ParsedMessage[] {
  const content = readBytes(path);
  const parsed = new TextDecoder().decode(content).split('\n').flatMap(parseLine);
  if (parsed.length > 0) return parsed;
  const whole = tryRead(() => parsePublished(content));
  if (whole !== undefined) return [whole];
  throw new Complaint(
    `There is no OTR message in ${path}, nor anything that is published.`,
    'A message begins with ?OTR: on its line; what is published is bytes or base64.',
  );
}

/** With or without the address that a transcript has in front. */
function parseLine(line: string): readonly ParsedMessage[] {
  const messages = bodiesIn(line).map(parseMessage);
  if (messages.length > 0) return messages;
  const [word = ''] = line.trim().split(/\s+/).slice(-1);
  return isPublished(word) ? [parsePublished(publishedBytes(word))] : [];
}

function formatFields(fields: readonly Field[], depth: number): string {
  return fields
    .map(({ name, value }) => {
      const label = `${'  '.repeat(depth)}${name}:`;
      if (value instanceof Uint8Array) {
        return `${label} ${Buffer.from(value).toString('hex')} (${value.length} bytes)`;
      }
      if (typeof value === 'number') return `${label} ${value} (0x${value.toString(16)})`;
      if (typeof value === 'bigint') return `${label} 0x${value.toString(16)}`;
      if (typeof value === 'string') return `${label} ${value === '' ? '(none)' : value}`;
      if (value.length === 0) return `${label} (none)`;
      return `${label}\n${formatFields(value, depth + 1)}`;
    })
    .join('\n');
}

export const modify: Command = {
  does: 'changes the words of a message that you cannot read, under its revealed MAC key',
  usage: `--message FILE (--revealed-by FILE | --mac-key FILE) --offset N --old TEXT --new TEXT

  --message FILE      the message, as it was sent
  --revealed-by FILE  a later message of the other side, which reveals the MAC key
  --mac-key FILE      or the MAC key itself: 64 bytes, or 128 hexadecimal digits
  --offset N          where the guessed words begin, in bytes; 0 is the start
  --old TEXT          what you guess the message to say there
  --new TEXT          what it is to say: as many bytes`,
  options: {
    message: { type: 'string' },
    'revealed-by': { type: 'string' },
    'mac-key': { type: 'string' },
    offset: { type: 'string', default: '0' },
    old: { type: 'string' },
    new: { type: 'string' },
  },
  run(given) {
    const message = readMessage(given.needed('message'));
    using macKey = macKeyFor(message, given);
    const change = {
      offset: Number(given.needed('offset')),
      oldText: given.needed('old'),
      newText: given.needed('new'),
    };
    write(formatArmor(modifyDataMessage(message, change, macKey)));
  },
};

/** The key of exactly this message: with another one, nobody would take the result for genuine. */
function macKeyFor(message: Uint8Array, given: Given): Secret<64> {
  const revealedBy = given.maybe('revealed-by');
  if (revealedBy !== undefined) {
    const found = findRevealedMacKey(message, readMessage(revealedBy));
    if (found !== undefined) return found;
    throw new Complaint(
      `${revealedBy} does not reveal the MAC key of this message.`,
      'It is revealed by the other side, in the first message it sends after reading this one.',
    );
  }
  const macKey = readSymmetricKey(given.needed('mac-key'));
  if (!isMacKeyOf(macKey, message)) note('this is not the key this message was sent under');
  return macKey;
}

export const remac: Command = {
  does: 'puts a new authenticator on a message',
  usage: `--message FILE (--revealed-by FILE | --mac-key FILE)

  --message FILE      the message
  --revealed-by FILE  a later message of the other side, which reveals the MAC key
  --mac-key FILE      or the MAC key itself: 64 bytes, or 128 hexadecimal digits`,
  options: {
    message: { type: 'string' },
    'revealed-by': { type: 'string' },
    'mac-key': { type: 'string' },
  },
  run(given) {
    const message = readMessage(given.needed('message'));
    using macKey = macKeyFor(message, given);
    write(formatArmor(remacMessage(message, macKey)));
  },
};

export const read: Command = {
  does: 'reads a message with a chain key, or makes it say something else',
  usage: `--message FILE --chain-key FILE [--new TEXT]

  --message FILE    the message
  --chain-key FILE  its chain key, or that of a message before it in the same ratchet
  --new TEXT        what it is to say instead; without it, what it says is shown`,
  options: {
    message: { type: 'string' },
    'chain-key': { type: 'string' },
    new: { type: 'string' },
  },
  run(given) {
    const message = readMessage(given.needed('message'));
    using chainKey = readSymmetricKey(given.needed('chain-key'));
    const text = given.maybe('new');
    const result =
      text === undefined
        ? readDataMessage(message, chainKey)?.text
        : forgeDataMessage(message, chainKey, text);
    if (result === undefined) {
      throw new Complaint(
        'The chain key does not fit this message.',
        'It has to be of the same ratchet, of this message or one before it.',
      );
    }
    write(typeof result === 'string' ? result : formatArmor(result));
  },
};

export const macKey: Command = {
  does: 'shows the MAC key that belongs to a message key',
  usage: `--message-key FILE [--out FILE]

  --message-key FILE  64 bytes, or 128 hexadecimal digits
  --out FILE          a new file for the MAC key, which only you can read`,
  options: { 'message-key': { type: 'string' }, out: { type: 'string' } },
  run(given) {
    using messageKey = readSymmetricKey(given.needed('message-key'));
    using shown = showMacKey(messageKey);
    const digits = shown.lend((bytes) => Buffer.from(bytes).toString('hex'));
    const out = given.maybe('out');
    if (out === undefined) write(digits);
    else writeSecret(out, `${digits}\n`);
  },
};
