// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it, vi } from 'vitest';

import { formatArmor, parseArmor } from '#otr/codec/armor.ts';
import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
} from '#otr/codec/non-interactive-auth.ts';
import { falsePrekeyEnsemble } from '#otr/forging/ensemble.ts';
import { forgeOfflineDake } from '#otr/forging/offline.ts';
import type { ForgedPublisher } from '#otr/forging/offline.ts';
import { speak } from '#otr/forging/stage.ts';
import type { ForgedBody } from '#otr/forging/stage.ts';
import { forgeOfflineTranscript } from '#otr/forging/transcript.ts';
import type { ForgedLine, OfflineTranscript } from '#otr/forging/transcript.ts';
import type { Env } from '#otr/env.ts';
import { LIMITS } from '#otr/limits.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';
import type { ValidEnsemble } from '#otr/profile/ensemble.ts';
import type { LongTermKey } from '#otr/profile/long-term-key.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { nextDueAt } from '#otr/session/timing.ts';

import { formatEnsemble, toEnsemble } from '../../../tools/forge/exhibits.ts';
import type { Exhibit } from '../../../tools/forge/exhibits.ts';
import { judge } from '../../../tools/forge/judge.ts';
import { keeperOf, liveParty, recording, replaying } from '../../support/forgers.ts';
import { watchMadeSecrets } from '../../support/made-secrets.ts';
import { Clock, clockedEnv, secretsIn } from '../../support/two-parties.ts';
import type { Party } from '../../support/two-parties.ts';

const [bob, alice, eve] = [keeperOf('bob'), keeperOf('alice'), keeperOf('eve')];

const LINES: readonly ForgedLine[] = [
  { sender: 'initiator', text: 'written while you are away' },
  { sender: 'initiator', text: 'and another' },
  { sender: 'responder', text: 'back again' },
  { sender: 'initiator', text: 'good' },
  { sender: 'responder', text: 'I have read it' },
  { sender: 'responder', text: 'both' },
];

/** Everything of one ensemble: with its owner's key, an honest one is made like a false one. */
function published(seed: string) {
  return falsePrekeyEnsemble(bob.profile, bob.longTermKey, clockedEnv(seed, new Clock()));
}

const genuine = published('published');

function toExhibits({ ensemble, said }: OfflineTranscript): readonly Exhibit[] {
  return [{ from: bob.jid, body: formatEnsemble(ensemble) }, ...said.map(toExhibit)];
}

function toExhibit({ sender, body }: ForgedBody): Exhibit {
  return { from: sender === 'initiator' ? alice.jid : bob.jid, body };
}

/** A conversation that was had: Alice begins while Bob is away, each with their own key. */
function realTranscript(lines = LINES, draws: Uint8Array[] = []): readonly Exhibit[] {
  const clock = new Clock();
  const { ensemble, prekeys } = published('had');
  const alicesEnv = recording(clockedEnv('real/alice', clock), draws);
  const initiator = liveParty(alice, alice.longTermKey, bob, alicesEnv);
  const responder = liveParty(bob, bob.longTermKey, alice, clockedEnv('real/bob', clock));
  const exhibits: Exhibit[] = [{ from: bob.jid, body: formatEnsemble(ensemble) }];
  const act = (who: Party, input: SessionInput): void => {
    who.do(input);
    for (const body of who.takeOutbox()) {
      exhibits.push({ from: who.name, body });
      const isFirst = exhibits.length === 2;
      act(who === initiator ? responder : initiator, {
        tag: 'receive',
        body,
        ...(isFirst ? { accepted: true, prekey: prekeys } : {}),
      });
    }
  };
  act(initiator, { tag: 'start-offline', ensemble });
  for (const { sender, text } of lines) {
    act(sender === 'initiator' ? initiator : responder, { tag: 'send', ref: text, text });
  }
  act(initiator, { tag: 'end' });
  return exhibits;
}

const publicPart = ({ clientProfile, prekeyProfile }: ValidEnsemble): ForgedPublisher => ({
  clientProfile,
  prekeyProfile,
  jid: bob.jid,
});
const knowingOne = ({ ensemble }: typeof genuine): ForgedPublisher => ({
  ...publicPart(ensemble),
  prekeyMessage: ensemble.prekeyMessage,
});

interface Means {
  readonly keys?: readonly LongTermKey[];
  readonly responder?: ForgedPublisher;
  readonly env?: Env;
  readonly endedBy?: 'initiator' | undefined;
}

function forge(means: Means) {
  const { keys = [], responder = publicPart(genuine.ensemble), env } = means;
  const endedBy = 'endedBy' in means ? means.endedBy : 'initiator';
  const clock = new Clock();
  return forgeOfflineTranscript(
    { initiator: alice, responder, keys },
    { lines: LINES, endedBy },
    env ?? clockedEnv('offline forger', clock),
    clockedEnv('offline forger/peer', clock),
  );
}

const had = realTranscript();
const real = judge(had);

describe('an offline transcript before a judge', () => {
  it('sec:T-O-DN-1 verifies when the conversation was had', () => {
    expect(real.findings).toEqual([]);
    expect(real).toMatchObject({ signatures: 4, authenticated: 6 });
    expect(real.shape).toHaveLength(2 + LINES.length + 1);
  });

  const forgers: Readonly<Record<string, Means>> = {
    'no key, public profiles and a prekey message of one’s own': {},
    'a prekey message that was published, and the key of who wrote': {
      responder: knowingOne(genuine),
      keys: [alice.longTermKey],
    },
    'a prekey message that was published, and the forging key of who was away': {
      responder: knowingOne(genuine),
      keys: [eve.longTermKey, bob.forgingKey],
    },
    'a key that signs nothing': { keys: [bob.longTermKey] },
  };
  for (const [how, means] of Object.entries(forgers)) {
    it(`sec:T-O-DN-1 sec:T-O-NI-1 verifies in the same way when it was made up with ${how}`, () => {
      const made = forge(means);
      expect(judge(toExhibits(made))).toEqual(real);
      const { prekeyMessage } = means.responder ?? {};
      expect(made.ensemble.prekeyMessage === prekeyMessage).toBe(prekeyMessage !== undefined);
    });
  }

  it('sec:T-O-DN-1 stands up to a writer who opens all they have: the key and every draw', () => {
    const clock = new Clock();
    const realDraws: Uint8Array[] = [];
    const draws: Uint8Array[] = [];
    const honest = realTranscript(LINES, realDraws);
    const made = toExhibits(
      forge({ keys: [alice.longTermKey], env: recording(clockedEnv('opened', clock), draws) }),
    );
    for (const { exhibits, opened } of [
      { exhibits: honest, opened: realDraws },
      { exhibits: made, opened: draws },
    ]) {
      const env = replaying(clockedEnv('', clock), opened);
      const said = replay(liveParty(alice, alice.longTermKey, bob, env), exhibits);
      expect(said.sent).toEqual(exhibits.filter(({ from }) => from === alice.jid).map(bodyOf));
      expect(said.read).toEqual(['back again', 'I have read it', 'both']);
    }
    const lengths = (all: readonly Uint8Array[]) => all.map(({ length }) => length);
    // A ring of which another member signs is drawn for in another order.
    expect(lengths(draws).toSorted()).toEqual(lengths(realDraws).toSorted());
  });

  it('sec:T-O-DN-1 stands up to who was away and opens all they have: the message is theirs', () => {
    const { ensemble, prekeys } = published('opened by Bob');
    for (const key of [alice.longTermKey, bob.forgingKey]) {
      const { stage } = forgeOfflineDake(
        { initiator: alice, responder: knowingOne({ ensemble, prekeys }), keys: [key] },
        clockedEnv('to Bob', new Clock()),
      );
      const device = liveParty(bob, bob.longTermKey, alice, clockedEnv('bob', new Clock()));
      const [auth] = stage.said;
      const said = speak(stage, 'initiator', { tag: 'send', ref: 1, text: 'never written' }).said;
      const { pair, published: kept } = prekeys;
      const copy = {
        id: pair.id,
        ecdh: { ...pair.ecdh, secret: pair.ecdh.secret.copy() },
        dh: { ...pair.dh, secret: pair.dh.secret.copy() },
      };
      device.do({
        tag: 'receive',
        body: auth?.body ?? '',
        accepted: true,
        prekey: { pair: copy, published: kept },
      });
      device.receive(said[1]?.body ?? '');
      expect(device.read()).toEqual(['never written']);
      expect(device.heard('established')).toMatchObject([
        { theirFingerprint: alice.profile.fingerprint },
      ]);
    }
  });
});

const bodyOf = ({ body }: Exhibit): string => body;

/** Alice's end once more, with what it drew, against what the other end sent. */
function replay(side: Party, exhibits: readonly Exhibit[]) {
  const [offer, ...rest] = exhibits;
  const ensemble = validateEnsemble(toEnsemble(offer?.body ?? ''), new Clock().nowMs);
  const sent: string[] = [];
  side.do({ tag: 'start-offline', ensemble });
  sent.push(...side.takeOutbox());
  const mine = LINES.filter(({ sender }) => sender === 'initiator').map(({ text }) => text);
  for (const { from, body } of rest) {
    if (from !== alice.jid) side.receive(body);
    else if (!sent.includes(body)) {
      const text = mine.shift();
      side.do(text === undefined ? { tag: 'end' } : { tag: 'send', ref: text, text });
    }
    sent.push(...side.takeOutbox());
  }
  return { sent, read: side.read() };
}

describe('a beginning that was made up', () => {
  it('goes on from either end, at its address and in its time', () => {
    const clock = new Clock();
    const { stage } = forgeOfflineDake(
      { initiator: alice, responder: publicPart(genuine.ensemble), keys: [] },
      clockedEnv('goes on', clock),
    );
    const { initiator, responder } = stage;
    expect(initiator.state.context).toMatchObject({ ourJid: alice.jid, theirJid: bob.jid });
    expect(responder.state.context).toMatchObject({ ourJid: bob.jid, theirJid: alice.jid });
    for (const { state } of [initiator, responder]) {
      expect(nextDueAt(state)).toBe(clock.monotonicMs + LIMITS.sessionIdleMaxMs);
    }
  });
});

describe('secrets of an offline forger', () => {
  const made = watchMadeSecrets();

  it('sec:T-K-ZERO-1 are the two sessions, or wiped', () => {
    const { stage } = forgeOfflineDake(
      { initiator: alice, responder: publicPart(genuine.ensemble), keys: [] },
      clockedEnv('tidy', new Clock()),
    );
    const held = secretsIn(stage);
    expect(made.filter((secret) => !secret.wiped && !held.has(secret))).toEqual([]);
    const own = [stage.initiator, stage.responder].map(({ state }) => state.context.own);
    expect(own.every(({ longTermKey }) => longTermKey.seed.wiped)).toBe(true);
  });

  it('sec:T-K-ZERO-1 are all gone once the transcript is made, whether or not it ends', () => {
    for (const endedBy of ['initiator', undefined] as const) {
      forge({ keys: [], endedBy });
      expect(made.filter((secret) => !secret.wiped)).toEqual([]);
    }
  });

  it('sec:T-K-ZERO-1 leave no copy of what was drawn, from which all could be made again', () => {
    const drawn: Uint8Array[] = [];
    const inner = clockedEnv('copies', new Clock());
    const env: Env = {
      ...recording(inner, []),
      random(length) {
        const bytes = inner.random(length);
        drawn.push(bytes);
        return bytes;
      },
    };
    const slices = vi.spyOn(Uint8Array.prototype, 'slice');
    const responder = publicPart(genuine.ensemble);
    forgeOfflineDake({ initiator: alice, responder, keys: [] }, env, inner);
    const copies = slices.mock.results.filter((_, at) =>
      drawn.some((bytes) => bytes === slices.mock.contexts[at]),
    );
    expect(copies.length).toBeGreaterThan(4);
    const left = copies.map(({ value }) => Math.max(...(value as Uint8Array)));
    expect(new Set(left)).toEqual(new Set([0]));
  });
});

describe('an offline transcript that cannot be', () => {
  const refused = (means: Means & { readonly initiator?: typeof alice }, clock = new Clock()) => {
    const { initiator = alice, responder = publicPart(genuine.ensemble), keys = [] } = means;
    return () =>
      forgeOfflineTranscript(
        { initiator, responder, keys },
        { lines: LINES },
        clockedEnv('refused', clock),
      );
  };

  it('is refused when nobody whose key the forger has can have signed', () => {
    expect(refused({ responder: knowingOne(genuine), keys: [bob.longTermKey] })).toThrow(
      'no key of the ring',
    );
  });

  it('is refused between a device and itself, and with profiles that have expired', () => {
    expect(refused({ initiator: bob })).toThrow('no session');
    const clock = new Clock();
    clock.pass(40 * 86_400_000);
    expect(refused({}, clock)).toThrow('no session');
  });

  it('is refused with a line that nobody can send', () => {
    const script = (text: string) => ({ lines: [{ sender: 'responder' as const, text }] });
    const conversation = { initiator: alice, responder: publicPart(genuine.ensemble), keys: [] };
    const env = clockedEnv('text', new Clock());
    expect(() => forgeOfflineTranscript(conversation, script(''), env)).toThrow('without text');
    expect(() => forgeOfflineTranscript(conversation, script('x'.repeat(70_000)), env)).toThrow(
      'too long',
    );
  });
});

describe('the judge of an offline transcript', () => {
  const flipped = (bytes: Uint8Array, at: number) =>
    bytes.map((octet, k) => (k === at ? octet ^ 1 : octet));
  const withBytes = (index: number, change: (bytes: Uint8Array) => Uint8Array) =>
    had.map((exhibit, at) =>
      at === index ? { ...exhibit, body: formatArmor(change(parseArmor(exhibit.body))) } : exhibit,
    );
  const withAuth = (
    change: (auth: ReturnType<typeof decodeNonInteractiveAuth>) => object,
  ): readonly Exhibit[] =>
    withBytes(1, (bytes) => {
      const auth = decodeNonInteractiveAuth(bytes);
      return encodeNonInteractiveAuth({ ...auth, ...change(auth) });
    });
  const withEnsemble = (ensemble: ValidEnsemble): readonly Exhibit[] =>
    had.map((exhibit, at) => (at === 0 ? { ...exhibit, body: formatEnsemble(ensemble) } : exhibit));
  const other = published('another');
  const byEve = falsePrekeyEnsemble(
    bob.profile,
    eve.longTermKey,
    clockedEnv('by Eve', new Clock()),
  );

  const rigged: Readonly<Record<string, readonly [string, () => readonly Exhibit[]]>> = {
    'a ring signature of which one bit is another': [
      'ring signature',
      () => withAuth(({ sigma }) => ({ sigma: flipped(sigma, 60) })),
    ],
    'a key that was not signed': [
      'ring signature',
      () => withAuth(() => ({ firstEcdhPublic: genuine.ensemble.prekeyMessage.ecdhPublic })),
    ],
    'the profile of somebody else': [
      'A profile is of another device',
      () => withAuth(() => ({ profile: { raw: eve.profile.raw } })),
    ],
    'another prekey message than was used': [
      'names another Prekey message',
      () =>
        withEnsemble({ ...other.ensemble, prekeyProfile: published('had').ensemble.prekeyProfile }),
    ],
    'the name of another prekey message': [
      'names another Prekey message',
      () => withAuth(({ prekeyId }) => ({ prekeyId: (prekeyId + 1) % 2 ** 32 })),
    ],
    'another shared prekey than was used': [
      'ring signature',
      () =>
        withEnsemble({
          ...published('had').ensemble,
          prekeyProfile: other.ensemble.prekeyProfile,
        }),
    ],
    'a Prekey Profile that somebody else signed': [
      'Prekey Profile is not signed',
      () =>
        withEnsemble({ ...byEve.ensemble, prekeyMessage: published('had').ensemble.prekeyMessage }),
    ],
    'another address': [
      'ring signature',
      () =>
        had.map((exhibit) => (exhibit.from === bob.jid ? { ...exhibit, from: eve.jid } : exhibit)),
    ],
    'a message left out': [
      'previous chain message number is wrong',
      () => had.filter((_, at) => at !== 3),
    ],
    'a message changed without its key': [
      'MAC key of no message',
      () => withBytes(2, (bytes) => flipped(bytes, 200)),
    ],
    'a revealed key that is none': [
      'MAC key of no message',
      () => withBytes(4, (bytes) => flipped(bytes, bytes.length - 3)),
    ],
    'no key exchange': ['not followed by', () => had.filter((_, at) => at !== 1)],
    'nothing that was published': ['does not begin with', () => had.slice(1)],
  };
  for (const [what, [finding, exhibits]] of Object.entries(rigged)) {
    it(`finds ${what}`, () => {
      expect(judge(exhibits()).findings.join('\n')).toContain(finding);
    });
  }
});
