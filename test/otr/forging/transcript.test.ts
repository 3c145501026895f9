// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthI, encodeAuthI } from '#otr/codec/auth-i.ts';
import { decodeAuthR, encodeAuthR } from '#otr/codec/auth-r.ts';
import { decodeDataMessage, encodeDataMessage } from '#otr/codec/data-message.ts';
import { decodeIdentity, encodeIdentity } from '#otr/codec/identity.ts';
import { forgeDake } from '#otr/forging/dake.ts';
import { speak } from '#otr/forging/stage.ts';
import type { ForgedBody } from '#otr/forging/stage.ts';
import { forgeTranscript } from '#otr/forging/transcript.ts';
import type { ForgedLine } from '#otr/forging/transcript.ts';
import { describe as describeSession } from '#otr/session/describe.ts';
import type { LongTermKey } from '#otr/profile/long-term-key.ts';

import type { Exhibit } from '../../../tools/forge/exhibits.ts';
import { judge } from '../../../tools/forge/judge.ts';
import {
  keeperOf,
  liveParty,
  realTranscript,
  recording,
  replaying,
} from '../../support/forgers.ts';
import { Clock, clockedEnv, secretsIn } from '../../support/two-parties.ts';

const bob = keeperOf('bob');
const alice = keeperOf('alice');
const eve = keeperOf('eve');

const LINES: readonly ForgedLine[] = [
  { sender: 'initiator', text: 'the box is under the stairs' },
  { sender: 'initiator', text: 'the third one' },
  { sender: 'responder', text: 'I know' },
  { sender: 'initiator', text: 'and the key?' },
  { sender: 'responder', text: 'with my brother' },
  { sender: 'initiator', text: 'good' },
];

function toExhibits(said: readonly ForgedBody[]): readonly Exhibit[] {
  return said.map(({ sender, body }) => ({
    from: sender === 'initiator' ? bob.jid : alice.jid,
    body,
  }));
}

function forged(keys: readonly LongTermKey[], lines = LINES, seed = 'forger') {
  const conversation = { initiator: bob, responder: alice, keys };
  const env = clockedEnv(seed, new Clock());
  return toExhibits(forgeTranscript(conversation, { lines, endedBy: 'initiator' }, env));
}

const real = judge(realTranscript(LINES));

describe('a transcript before a judge', () => {
  it('sec:T-O-DN-1 verifies when the conversation was had', () => {
    expect(real.findings).toEqual([]);
    expect(real).toMatchObject({ signatures: 4, authenticated: 5 });
    expect(real.shape).toHaveLength(3 + LINES.length + 1);
  });

  const forgers: Readonly<Record<string, readonly LongTermKey[]>> = {
    'the long-term key of one': [bob.longTermKey],
    'the long-term key of the other': [alice.longTermKey],
    'the forging key of one': [bob.forgingKey],
    'the forging key of the other': [alice.forgingKey],
    'no key but ephemeral ones, and public profiles': [],
    'the key of somebody else, which signs nothing': [eve.longTermKey],
  };
  for (const [whose, keys] of Object.entries(forgers)) {
    it(`sec:T-O-DN-1 verifies in the same way when it was made up with ${whose}`, () => {
      const verdict = judge(forged(keys));
      expect(verdict).toEqual(real);
    });
  }

  it('is signed with each key that the forger has, where it is a member of the ring', () => {
    const signersWith = (keys: readonly LongTermKey[]) => {
      const conversation = { initiator: bob, responder: alice, keys };
      const { initiator, responder } = forgeDake(conversation, clockedEnv('signers', new Clock()));
      return [initiator, responder].map(({ state }) => keys.indexOf(state.context.own.longTermKey));
    };
    // {H_b, F_a, X} is signed by the initiator, {F_b, H_a, Y} by the responder.
    expect(signersWith([bob.longTermKey, bob.forgingKey])).toEqual([0, 1]);
    expect(signersWith([alice.longTermKey, alice.forgingKey])).toEqual([1, 0]);
  });

  it('sec:T-O-DN-1 stands up to one side that opens all it has: keys and every draw', () => {
    const draws: Uint8Array[] = [];
    const conversation = { initiator: bob, responder: alice, keys: [bob.longTermKey] };
    const clock = new Clock();
    const madeUp = toExhibits(
      forgeTranscript(
        conversation,
        { lines: LINES, endedBy: 'initiator' },
        recording(clockedEnv('opened', clock), draws),
        clockedEnv('opened/peer', clock),
      ),
    );
    const realDraws: Uint8Array[] = [];
    const had = realTranscript(LINES, realDraws);
    for (const { exhibits, opened } of [
      { exhibits: had, opened: realDraws },
      { exhibits: madeUp, opened: draws },
    ]) {
      const side = liveParty(bob, bob.longTermKey, alice, replaying(clockedEnv('', clock), opened));
      const said = replay(side, exhibits);
      expect(said.sent).toEqual(exhibits.filter(({ from }) => from === bob.jid).map(bodyOf));
      expect(said.read).toEqual(['I know', 'with my brother']);
    }
    expect(draws.map(({ length }) => length)).toEqual(realDraws.map(({ length }) => length));
  });

  it('goes on for as long as the forger likes, with either end', () => {
    const conversation = { initiator: bob, responder: alice, keys: [] };
    const dake = forgeDake(conversation, clockedEnv('more', new Clock()));
    expect(dake.said.map(({ sender }) => sender)).toEqual(['initiator', 'responder', 'initiator']);
    const more = speak(dake, 'responder', { tag: 'send', ref: 1, text: 'first word' });
    const view = describeSession(more.initiator.state);
    expect(view).toMatchObject({ tag: 'encrypted', theirFingerprint: alice.profile.fingerprint });
    expect(judge(toExhibits(more.said)).findings).toEqual([]);
  });

  it('leaves no secret of the forger behind', () => {
    const env = clockedEnv('tidy', new Clock());
    const conversation = { initiator: bob, responder: alice, keys: [] };
    const stage = forgeDake(conversation, env);
    const own = [stage.initiator, stage.responder].map(({ state }) => state.context.own);
    expect(own.every(({ longTermKey }) => longTermKey.seed.wiped)).toBe(true);
    expect([...secretsIn(stage)].every((secret) => !secret.wiped)).toBe(true);
  });

  it('is refused, not half made, when it cannot be', () => {
    const { jid } = alice;
    const twins = { initiator: bob, responder: { profile: bob.profile, jid }, keys: [] };
    const clock = new Clock();
    expect(() => forgeDake(twins, clockedEnv('twins', clock))).toThrow('no session');
    clock.pass(40 * 86_400_000);
    const late = { initiator: bob, responder: alice, keys: [] };
    expect(() => forgeDake(late, clockedEnv('late', clock))).toThrow('no session');
    const script = (text: string) => ({ lines: [{ sender: 'initiator' as const, text }] });
    const env = clockedEnv('text', new Clock());
    expect(() => forgeTranscript(late, script(''), env)).toThrow('without text');
    expect(() => forgeTranscript(late, script('x'.repeat(70_000)), env)).toThrow('too long');
  });
});

const bodyOf = ({ body }: Exhibit): string => body;

/** One end once more, with what it drew, against what the other end sent. */
function replay(side: ReturnType<typeof liveParty>, exhibits: readonly Exhibit[]) {
  const sent: string[] = [];
  const take = (): void => {
    sent.push(...side.takeOutbox());
  };
  side.do({ tag: 'start' });
  take();
  const mine = LINES.filter(({ sender }) => sender === 'initiator').map(({ text }) => text);
  for (const { from, body } of exhibits) {
    if (from !== bob.jid) side.receive(body);
    else if (!sent.includes(body)) {
      const text = mine.shift();
      side.do(text === undefined ? { tag: 'end' } : { tag: 'send', ref: text, text });
    }
    take();
  }
  return { sent, read: side.read() };
}

describe('the judge', () => {
  const honest = realTranscript(LINES);
  const replaced = (index: number, change: (bytes: Uint8Array) => Uint8Array) =>
    honest.map((exhibit, at) =>
      at === index ? { ...exhibit, body: formatArmor(change(parseArmor(exhibit.body))) } : exhibit,
    );
  const flipped = (bytes: Uint8Array, at: number) =>
    bytes.map((octet, k) => (k === at ? octet ^ 1 : octet));
  const elsewhere = realTranscript([{ sender: 'initiator', text: 'another' }]);

  const rigged: Readonly<Record<string, () => readonly Exhibit[]>> = {
    'a ring signature of another exchange': () =>
      replaced(1, (bytes) => {
        const other = parseArmor(forged([bob.longTermKey])[1]?.body ?? '');
        return encodeAuthR({ ...decodeAuthR(bytes), sigma: decodeAuthR(other).sigma });
      }),
    'an Auth-I message of which one bit is another': () =>
      replaced(2, (bytes) => {
        const message = decodeAuthI(bytes);
        return encodeAuthI({ ...message, sigma: flipped(message.sigma, 60) });
      }),
    'the profile of somebody else': () =>
      replaced(0, (bytes) =>
        encodeIdentity({ ...decodeIdentity(bytes), profile: { raw: eve.profile.raw } }),
      ),
    'another address': () =>
      honest.map((exhibit) =>
        exhibit.from === alice.jid ? { ...exhibit, from: eve.jid } : exhibit,
      ),
    'a message left out': () => honest.filter((_, at) => at !== 4),
    'two messages that changed places': () =>
      honest.map((exhibit, at) => honest[at === 3 ? 4 : at === 4 ? 3 : at] ?? exhibit),
    'a message that somebody else is to have sent': () =>
      honest.map((exhibit, at) => (at === 5 ? { ...exhibit, from: bob.jid } : exhibit)),
    'a message changed without its key': () => replaced(3, (bytes) => flipped(bytes, 200)),
    'a revealed key that is none': () => replaced(5, (bytes) => flipped(bytes, bytes.length - 3)),
    'a key that was kept back': () =>
      replaced(5, (bytes) => {
        const { message, authenticated } = decodeDataMessage(bytes);
        const one = message.revealedMacKeys.slice(64);
        return encodeDataMessage(authenticated, message.authenticator, [one]);
      }),
    'the end of another conversation': () => [...honest.slice(0, 9), ...elsewhere.slice(4)],
    'nothing but its messages': () => honest.slice(3),
  };
  for (const [what, exhibits] of Object.entries(rigged)) {
    it(`finds ${what}`, () => {
      expect(judge(exhibits()).findings).not.toEqual([]);
    });
  }
});
