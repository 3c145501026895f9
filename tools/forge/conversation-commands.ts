// SPDX-License-Identifier: GPL-3.0-or-later

import type { ParseArgsOptionsConfig } from 'node:util';
import type { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import { forgeDake, type ForgedConversation } from '#otr/forging/dake.ts';
import { forgeOfflineDake, type OfflineConversation } from '#otr/forging/offline.ts';
import { signerAmong } from '#otr/forging/signer.ts';
import type { ForgedBody, Role, Stage } from '#otr/forging/stage.ts';
import {
  type ForgedScript,
  forgeOfflineTranscript,
  forgeTranscript,
  type OfflineTranscript,
} from '#otr/forging/transcript.ts';
import type { LongTermKey } from '#otr/profile/long-term-key.ts';
import type { SessionState } from '#otr/session/state.ts';
import type { Command, Given } from './command.ts';
import { Complaint } from './complaint.ts';
import { type Exhibit, formatEnsemble, formatExhibits, parseExhibits } from './exhibits.ts';
import { readText, writeSecret } from './files.ts';
import { envAt, parseScript, readEnsemble, readProfile, roleOf } from './inputs.ts';
import { judge } from './judge.ts';
import { readPair } from './keys.ts';

const ENDS = `
  --initiator FILE          Client Profile of who is to have started: as it was published, or a
                            message that carried it
  --responder FILE          Client Profile of the other; with --offline, the Prekey Ensemble
  --offline                 the other is to have been away. If no key fits that may have signed, the
                            prekey message in the ensemble is replaced by one that was never published
  --initiator-address NAME  their addresses, such as alice@example.org
  --responder-address NAME
  --key FILE                a key of one of them, if you have one: long-term or forging, 57 bytes or
                            114 hexadecimal digits, or the deniability key that Sotto wrote
  --passphrase-file FILE    the passphrase of that deniability key
  --at DATE                 when it is to have been (default: now); the profiles have to be in force`;

const END_OPTIONS: ParseArgsOptionsConfig = {
  initiator: { type: 'string' },
  responder: { type: 'string' },
  offline: { type: 'boolean', default: false },
  'initiator-address': { type: 'string' },
  'responder-address': { type: 'string' },
  key: { type: 'string', multiple: true },
  'passphrase-file': { type: 'string' },
  at: { type: 'string' },
};

function jidsOf(given: Given): Readonly<Record<Role, string>> {
  return {
    initiator: given.needed('initiator-address'),
    responder: given.needed('responder-address'),
  };
}

function keysOf(given: Given): readonly LongTermKey[] {
  return given.all('key').map((path) => readPair(path, given.maybe('passphrase-file')));
}

function conversationOf(given: Given, env: Env): ForgedConversation {
  const jids = jidsOf(given);
  return {
    initiator: { profile: readProfile(given.needed('initiator'), env), jid: jids.initiator },
    responder: { profile: readProfile(given.needed('responder'), env), jid: jids.responder },
    keys: keysOf(given),
  };
}

/** The prekey message that was published is kept when one of the keys can have signed for it. */
function offlineOf(given: Given, env: Env): OfflineConversation {
  const jids = jidsOf(given);
  const profile = readProfile(given.needed('initiator'), env);
  const ensemble = readEnsemble(given.needed('responder'), env);
  const { clientProfile, prekeyProfile, prekeyMessage } = ensemble;
  const keys = keysOf(given);
  const mayHaveSigned = signerAmong(keys, [clientProfile.forgingKey, profile.publicKey]);
  return {
    initiator: { profile, jid: jids.initiator },
    responder: {
      clientProfile,
      prekeyProfile,
      prekeyMessage: mayHaveSigned === undefined ? undefined : prekeyMessage,
      jid: jids.responder,
    },
    keys,
  };
}

export function toExhibits(
  said: readonly ForgedBody[],
  jids: Readonly<Record<Role, string>>,
): readonly Exhibit[] {
  return said.map(({ sender, body }) => ({ from: jids[sender], body }));
}

function toOfflineExhibits(
  { ensemble, said }: OfflineTranscript,
  jids: Readonly<Record<Role, string>>,
): readonly Exhibit[] {
  return [{ from: jids.responder, body: formatEnsemble(ensemble) }, ...toExhibits(said, jids)];
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
  usage: `[--offline] [options]
${ENDS}
  --session-keys FILE       a new file for the keys of the session, which only you can read`,
  options: { ...END_OPTIONS, 'session-keys': { type: 'string' } },
  run(given) {
    const env = envAt(given.maybe('at'));
    const { stage, exhibits } = given.has('offline')
      ? makeUpOffline(given, env)
      : makeUpLive(given, env);
    const file = given.maybe('session-keys');
    if (file !== undefined) writeSecret(file, formatSessionKeys(stage));
    process.stdout.write(formatExhibits(exhibits));
  },
};

function makeUpLive(given: Given, env: Env) {
  const conversation = conversationOf(given, env);
  const stage = explaining(() => forgeDake(conversation, env));
  return { stage, exhibits: toExhibits(stage.said, jidsOf(given)) };
}

function makeUpOffline(given: Given, env: Env) {
  const conversation = offlineOf(given, env);
  const { ensemble, stage } = explaining(() => forgeOfflineDake(conversation, env));
  return { stage, exhibits: toOfflineExhibits({ ensemble, said: stage.said }, jidsOf(given)) };
}

/** Both ends hold the same ones: the sending chain of either is the receiving chain of the other. */
function formatSessionKeys({ initiator, responder }: Stage): string {
  const keys = [...sessionKeys(responder.state), ...chainOf('initiator', initiator.state)];
  return keys.map(([name, key]) => `${name}: ${key.lend(toHex)}\n`).join('');
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

type NamedKey = readonly [string, Secret];

function sessionKeys(state: SessionState): readonly NamedKey[] {
  if (state.messages.tag !== 'encrypted') return [];
  const { ratchet, ssid } = state.messages;
  return [
    ['secure session id', ssid],
    ['root key', ratchet.rootKey],
    ['brace key', ratchet.braceKey],
    ...chainOf('responder', state),
  ];
}

function chainOf(role: Role, { messages }: SessionState): readonly NamedKey[] {
  if (messages.tag !== 'encrypted') return [];
  const { sending } = messages.ratchet;
  return sending === undefined ? [] : [[`chain key of the ${role}'s first messages`, sending]];
}

export const transcript: Command = {
  does: 'makes up a whole conversation between two people',
  usage: `--script FILE [--offline] [options]

  --script FILE             what they are to have said, a line each:  alice: hello
${ENDS}
  --ended-by NAME           who ended it: initiator, responder or an address (default: nobody)`,
  options: { ...END_OPTIONS, script: { type: 'string' }, 'ended-by': { type: 'string' } },
  run(given) {
    const env = envAt(given.maybe('at'));
    const script = scriptOf(given);
    const jids = jidsOf(given);
    if (given.has('offline')) {
      const conversation = offlineOf(given, env);
      const made = explaining(() => forgeOfflineTranscript(conversation, script, env));
      process.stdout.write(formatExhibits(toOfflineExhibits(made, jids)));
    } else {
      const conversation = conversationOf(given, env);
      const said = explaining(() => forgeTranscript(conversation, script, env));
      process.stdout.write(formatExhibits(toExhibits(said, jids)));
    }
  },
};

function scriptOf(given: Given): ForgedScript {
  const addresses = jidsOf(given);
  const lines = parseScript(readText(given.needed('script')), addresses);
  const by = given.maybe('ended-by');
  const endedBy = by === undefined ? undefined : roleOf(by, addresses);
  if (by !== undefined && endedBy === undefined) {
    throw new Complaint(`${by} is neither of the two.`, 'Name the initiator or the responder.');
  }
  return { lines, endedBy };
}

export const verify: Command = {
  does: 'verifies a conversation, made up or not, as a judge would',
  usage: `FILE

  FILE  a transcript: an address and an OTR message on each line; - is standard input. If one of the
        two was away, the first line is the Prekey Ensemble of theirs that was used`,
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
