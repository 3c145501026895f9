// SPDX-License-Identifier: GPL-3.0-or-later

import type { ParseArgsOptionsConfig } from 'node:util';
import type { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import { forgeDake, type ForgedConversation } from '#otr/forging/dake.ts';
import type { ForgedBody, Stage } from '#otr/forging/stage.ts';
import { forgeTranscript } from '#otr/forging/transcript.ts';
import type { SessionState } from '#otr/session/state.ts';
import type { Command, Given } from './command.ts';
import { Complaint } from './complaint.ts';
import { type Exhibit, formatExhibits, parseExhibits } from './exhibits.ts';
import { readText, writeSecret } from './files.ts';
import { envAt, parseScript, readProfile, roleOf } from './inputs.ts';
import { judge } from './judge.ts';
import { readPair } from './keys.ts';

const ENDS = `
  --initiator FILE          Client Profile of who is to have started: as it was published, or a
                            message that carried it
  --responder FILE          Client Profile of the other
  --initiator-address NAME  their addresses, such as alice@example.org
  --responder-address NAME
  --key FILE                a key of one of them, if you have one: long-term or forging, 57 bytes or
                            114 hexadecimal digits, or the deniability key that Sotto wrote
  --passphrase-file FILE    the passphrase of that deniability key
  --at DATE                 when it is to have been (default: now); the profiles have to be in force`;

const END_OPTIONS: ParseArgsOptionsConfig = {
  initiator: { type: 'string' },
  responder: { type: 'string' },
  'initiator-address': { type: 'string' },
  'responder-address': { type: 'string' },
  key: { type: 'string', multiple: true },
  'passphrase-file': { type: 'string' },
  at: { type: 'string' },
};

function conversationOf(given: Given, env: Env): ForgedConversation {
  return {
    initiator: {
      profile: readProfile(given.needed('initiator'), env),
      jid: given.needed('initiator-address'),
    },
    responder: {
      profile: readProfile(given.needed('responder'), env),
      jid: given.needed('responder-address'),
    },
    keys: given.all('key').map((path) => readPair(path, given.maybe('passphrase-file'))),
  };
}

export function toExhibits(
  said: readonly ForgedBody[],
  { initiator, responder }: ForgedConversation,
): readonly Exhibit[] {
  return said.map(({ sender, body }) => ({
    from: sender === 'initiator' ? initiator.jid : responder.jid,
    body,
  }));
}

/** The ends could not have talked like this: says why in plain words. */
function explaining<T>(forge: () => T): T {
  try {
    return forge();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Complaint(
      `This conversation cannot be made up (${cause.message}).`,
      'The two have to be different devices with profiles in force, and no line may be empty.',
    );
  }
}

export const dake: Command = {
  does: 'makes up a key exchange between two people',
  usage: `[options]
${ENDS}
  --session-keys FILE       a new file for the keys of the session, which only you can read`,
  options: { ...END_OPTIONS, 'session-keys': { type: 'string' } },
  run(given) {
    const env = envAt(given.maybe('at'));
    const conversation = conversationOf(given, env);
    const stage = explaining(() => forgeDake(conversation, env));
    const file = given.maybe('session-keys');
    if (file !== undefined) writeSecret(file, formatSessionKeys(stage));
    process.stdout.write(formatExhibits(toExhibits(stage.said, conversation)));
  },
};

/** Both ends hold the same ones: the responder's sending chain is the initiator's receiving chain. */
function formatSessionKeys({ responder }: Stage): string {
  const keys = sessionKeys(responder.state);
  return keys.map(([name, key]) => `${name}: ${key.lend(toHex)}\n`).join('');
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function sessionKeys({ messages }: SessionState): readonly (readonly [string, Secret])[] {
  if (messages.tag !== 'encrypted') return [];
  const { ratchet, ssid } = messages;
  const { rootKey, braceKey, sending } = ratchet;
  return [
    ['secure session id', ssid],
    ['root key', rootKey],
    ['brace key', braceKey],
    ...(sending === undefined
      ? []
      : [["chain key of the responder's first messages", sending] as const]),
  ];
}

export const transcript: Command = {
  does: 'makes up a whole conversation between two people',
  usage: `--script FILE [options]

  --script FILE             what they are to have said, a line each:  alice: hello
${ENDS}
  --ended-by NAME           who ended it: initiator, responder or an address (default: nobody)`,
  options: { ...END_OPTIONS, script: { type: 'string' }, 'ended-by': { type: 'string' } },
  run(given) {
    const env = envAt(given.maybe('at'));
    const conversation = conversationOf(given, env);
    const addresses = {
      initiator: conversation.initiator.jid,
      responder: conversation.responder.jid,
    };
    const lines = parseScript(readText(given.needed('script')), addresses);
    const by = given.maybe('ended-by');
    const endedBy = by === undefined ? undefined : roleOf(by, addresses);
    if (by !== undefined && endedBy === undefined) {
      throw new Complaint(`${by} is neither of the two.`, 'Name the initiator or the responder.');
    }
    const said = explaining(() => forgeTranscript(conversation, { lines, endedBy }, env));
    process.stdout.write(formatExhibits(toExhibits(said, conversation)));
  },
};

export const verify: Command = {
  does: 'verifies a conversation, made up or not, as a judge would',
  usage: `FILE

  FILE  a transcript: an address and an OTR message on each line; - is standard input`,
  options: {},
  run({ files }) {
    const [file = '-'] = files;
    const verdict = judge(parseExhibits(readText(file)));
    for (const line of verdict.shape) process.stdout.write(`${line}\n`);
    process.stdout.write(
      `${verdict.signatures} signatures verify; ` +
        `${verdict.authenticated} messages verify under a MAC key that was revealed.\n`,
    );
    if (verdict.findings.length > 0) {
      throw new Complaint(
        `It does not verify.\n${verdict.findings.map((finding) => `  ${finding}`).join('\n')}`,
        'A transcript has to be whole, in order, and with the addresses it was exchanged between.',
      );
    }
    process.stdout.write('All of it verifies. That proves nothing about who wrote it.\n');
  },
};
