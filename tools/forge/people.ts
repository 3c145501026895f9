// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInstanceTag } from '#otr/codec/instance-tag.ts';
import type { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import type { ForgedConversation, ForgedEnd } from '#otr/forging/dake.ts';
import { falsePrekeyEnsemble } from '#otr/forging/ensemble.ts';
import { forgeTranscript, type ForgedLine } from '#otr/forging/transcript.ts';
import { createClientProfile } from '#otr/profile/client-profile.ts';
import { createLongTermKey, type LongTermKey } from '#otr/profile/long-term-key.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { createSession, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';
import type { Command } from './command.ts';
import { toExhibits } from './conversation-commands.ts';
import { forget } from './ensemble-command.ts';
import { type Exhibit, formatEnsemble } from './exhibits.ts';
import { toPath, writeSecret } from './files.ts';
import { envAt } from './inputs.ts';
import { judge } from './judge.ts';
import type { Verdict } from './verdict.ts';

interface Person extends ForgedEnd {
  readonly longTermKey: LongTermKey;
  readonly forgingKey: LongTermKey;
}

function makePerson(jid: string, env: Env): Person {
  const [longTermKey, forgingKey] = [createLongTermKey(env), createLongTermKey(env)];
  const owner = { ownerTag: createInstanceTag(env), longTermKey, forgingKey: forgingKey.public };
  return { jid, longTermKey, forgingKey, profile: createClientProfile(owner, env) };
}

export const person: Command = {
  does: 'makes a throw-away person: a profile, a Prekey Ensemble and the keys behind them',
  usage: `FOLDER

  FOLDER  a new folder for client-profile, prekey-ensemble, long-term-key and forging-key`,
  options: {},
  run({ files }) {
    const [folder = 'somebody'] = files;
    const env = envAt(undefined);
    const { profile, longTermKey, forgingKey } = makePerson('', env);
    const published = falsePrekeyEnsemble(profile, longTermKey, env);
    forget(published);
    mkdirSync(toPath(folder), { recursive: true, mode: 0o700 });
    const hex = (seed: Secret): string =>
      `${seed.lend((bytes) => Buffer.from(bytes).toString('hex'))}\n`;
    writeSecret(join(folder, 'client-profile'), `${Buffer.from(profile.raw).toString('base64')}\n`);
    writeSecret(join(folder, 'prekey-ensemble'), `${formatEnsemble(published.ensemble)}\n`);
    writeSecret(join(folder, 'long-term-key'), hex(longTermKey.seed));
    writeSecret(join(folder, 'forging-key'), hex(forgingKey.seed));
    process.stdout.write(
      `${folder}: client-profile, prekey-ensemble, long-term-key, forging-key\n`,
    );
  },
};

const LINES: readonly ForgedLine[] = [
  { sender: 'initiator', text: 'Shall we meet?' },
  { sender: 'responder', text: 'At the usual place.' },
  { sender: 'initiator', text: 'I will be there at noon.' },
  { sender: 'responder', text: 'Good.' },
];

export const demo: Command = {
  does: 'has two throw-away people talk, makes the same up without them, and verifies both',
  usage: '',
  options: {},
  run() {
    const env = envAt(undefined);
    const bob = makePerson('bob@example.org', env);
    const alice = makePerson('alice@example.org', env);
    for (const { sender, text } of LINES)
      write(`  ${sender === 'initiator' ? 'Bob' : 'Alice'}: ${text}`);
    const had = judge(converse(bob, alice, env));
    show('This conversation Bob and Alice had:', had);
    for (const [how, keys] of [
      [
        'This one is made up, by Bob, who knows of Alice only her public profile:',
        [bob.longTermKey],
      ],
      [
        'This one is made up by somebody who found the file with Alice’s forging key:',
        [alice.forgingKey],
      ],
      ['This one is made up by somebody who knows nothing but their public profiles:', []],
    ] as const) {
      const conversation: ForgedConversation = { initiator: bob, responder: alice, keys };
      const said = forgeTranscript(conversation, { lines: LINES, endedBy: 'initiator' }, env);
      const madeUp = judge(toExhibits(said, { initiator: bob.jid, responder: alice.jid }));
      show(how, madeUp);
      if (JSON.stringify(madeUp) !== JSON.stringify(had))
        throw new Error('the two can be told apart');
    }
    write('\nA judge sees four times the same. None of them proves that Alice ever wrote a word.');
  },
};

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function show(title: string, { findings, signatures, authenticated, shape }: Verdict): void {
  write(`\n${title}`);
  for (const line of shape) write(`  ${line}`);
  for (const finding of findings) write(`  ${finding}`);
  const outcome = findings.length === 0 ? 'verifies' : 'does not verify';
  write(`  ${signatures} signatures, ${authenticated} authenticators: it ${outcome}.`);
}

/** Two engines, each with its own key, and what the network saw. */
function converse(bob: Person, alice: Person, env: Env): readonly Exhibit[] {
  const exhibits: Exhibit[] = [];
  const open = (us: Person, them: Person): SessionState =>
    createSession({
      own: us,
      ourJid: us.jid,
      theirJid: them.jid,
      policy: { invitations: 'accept' },
    });
  const states = { initiator: open(bob, alice), responder: open(alice, bob) };
  const act = (who: 'initiator' | 'responder', input: SessionInput): void => {
    const { next, effects } = step(states[who], input, env);
    states[who] = next;
    for (const effect of effects) {
      if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
      if (effect.tag !== 'transmit') continue;
      for (const body of effect.bodies) {
        exhibits.push({ from: who === 'initiator' ? bob.jid : alice.jid, body });
        act(who === 'initiator' ? 'responder' : 'initiator', { tag: 'receive', body });
      }
    }
  };
  act('initiator', { tag: 'start' });
  for (const { sender, text } of LINES) act(sender, { tag: 'send', ref: text, text });
  act('initiator', { tag: 'end' });
  return exhibits;
}
