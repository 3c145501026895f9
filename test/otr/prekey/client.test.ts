// SPDX-License-Identifier: GPL-3.0-or-later
import { ed448 } from '@noble/curves/ed448.js';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Env } from '#otr/env.ts';
import { LIMITS } from '#otr/limits.ts';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import {
  createPrekeyClient,
  nextPrekeyTickAt,
  prekeyClientSecrets,
  reconfigurePrekeyClient,
  stepPrekeyClient,
} from '#otr/prekey/client/client.ts';
import type { PrekeyClientContext, PrekeyRequest } from '#otr/prekey/client/state.ts';
import { decodeDake1 } from '#otr/prekey/message/dake-1.ts';
import { decodeDake2, encodeDake2 } from '#otr/prekey/message/dake-2.ts';
import { encodeFailure, encodeSuccess } from '#otr/prekey/message/outcome.ts';
import { encodeStorageStatus } from '#otr/prekey/message/storage-status.ts';
import { macOfFailure, macOfStatus, macOfSuccess } from '#otr/prekey/mac.ts';
import {
  deriveServerFingerprint,
  encodeCompositeIdentity,
  readCompositeIdentity,
} from '#otr/prekey/server-identity.ts';
import { dake2Statement, PREKEY_RING } from '#otr/prekey/transcript.ts';
import type { PrekeyTranscript } from '#otr/prekey/transcript.ts';
import { expandSeed, generateEcdh, validatePoint } from '#otr/crypto/ed448.ts';
import type { EcdhPublic } from '#otr/crypto/ed448.ts';
import { signRingFor, verifyRingFor } from '#otr/crypto/ring-signature.ts';
import { createLongTermKey } from '#otr/profile/long-term-key.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { concat } from '#otr/bytes.ts';
import { Reader } from '#otr/codec/reader.ts';

import { badPoints } from '../../support/bad-points.ts';
import { labelledEnv } from '../../support/labelled-random.ts';
import {
  contentOf,
  PUBLISHER_JID,
  publisherContext,
  SERVER_JID,
  serverContext,
} from '../../support/prekey-parties.ts';
import {
  converse,
  PrekeyClock,
  TestClient,
  TestServer,
  typesOf,
} from '../../support/prekey-world.ts';

const STATUS: PrekeyRequest = { tag: 'status' };
const otherServerKey = createLongTermKey(labelledEnv('pks/another server'));

let clock: PrekeyClock;
let server: TestServer;
let client: TestClient;

beforeEach(() => {
  clock = new PrekeyClock();
  server = new TestServer(clock);
  client = new TestClient(clock, publisherContext());
});

const publishing = (): PrekeyRequest => ({
  tag: 'publish',
  publication: contentOf(publisherContext()),
});

/** The DAKE-2 that answers a request of the client. */
function dake2For(request: PrekeyRequest = STATUS): string {
  const [dake1 = ''] = client.step({ tag: 'request', request });
  const [dake2 = ''] = server.receive(client.from, dake1);
  return dake2;
}

/** A client that has sent its DAKE-3, and the server's answer to it. */
function upToAnswer(request: PrekeyRequest): string {
  const [dake3 = ''] = client.receive(dake2For(request));
  const [answer = ''] = server.receive(client.from, dake3);
  return answer;
}

function alter(body: string, change: (bytes: Uint8Array) => void): string {
  const bytes = parsePrekeyArmor(body);
  change(bytes);
  return formatPrekeyArmor(bytes);
}

const flip = (at: number) => (bytes: Uint8Array) => {
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
};

describe('DAKE-2 at the client', () => {
  function expectAborted(body: string, why = 'invalid-answer'): void {
    expect(client.receive(body)).toEqual([]);
    expect(client.last).toContainEqual({ tag: 'failed', request: STATUS, why });
    expect(client.state.exchange.tag).toBe('not-in-dake');
    expect(client.told).toEqual(['failed']);
  }

  it('is answered when it holds, with space around it too', () => {
    expect(typesOf(client.receive(`\n ${dake2For()} `))).toEqual([0x37]);
    expect(client.last).toContainEqual(expect.objectContaining({ about: { tag: 'exchange' } }));
    expect(client.state.exchange.tag).toBe('awaiting-result');
  });

  it('pks:T-05 with any part of sigma altered ends the exchange', () => {
    for (let part = 0; part < 6; part += 1) {
      expectAborted(alter(dake2For(), flip(-342 + 57 * part + 2)));
    }
  });

  it('ends the exchange when it names another tag or another server', () => {
    expectAborted(alter(dake2For(), flip(6)));
    const other = decodeDake2(parsePrekeyArmor(dake2For()));
    const named = encodeCompositeIdentity('prekey.b.example', other.server.publicKey);
    const dake2 = encodeDake2({ ...other, server: readCompositeIdentity(new Reader(named)) });
    expectAborted(formatPrekeyArmor(dake2));
    expectAborted(alter(dake2For(), (bytes) => bytes.fill(0, 3, 7)));
  });

  interface Rogue {
    readonly serverJid?: string;
    readonly serverKey?: Uint8Array;
    readonly s?: Uint8Array;
  }

  /** A DAKE-2 whose signature holds, whatever it is about. */
  function signedDake2({ serverJid = SERVER_JID, serverKey, s }: Rogue): string {
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    const { profile, ecdhPublic } = decodeDake1(parsePrekeyArmor(dake1));
    const { longTermKey } = serverContext();
    const key = (serverKey ?? longTermKey.public) as EcdhPublic;
    const { ownerTag, publicKey } = client.state.context.own.profile;
    const transcript: PrekeyTranscript = {
      ends: { publisherJid: PUBLISHER_JID, serverJid: SERVER_JID },
      profile: profile.raw,
      compositeIdentity: encodeCompositeIdentity(serverJid, key),
      publisherKey: publicKey,
      serverKey: key,
      publisherEcdh: validatePoint(ecdhPublic, 'i'),
      serverEcdh: (s ?? generateEcdh(labelledEnv('pks/s')).public) as EcdhPublic,
    };
    const signer = { secret: expandSeed(longTermKey.seed), public: key };
    const statement = dake2Statement(transcript);
    const env = clock.env('rogue');
    let sigma = signRingFor(PREKEY_RING, signer, statement, env);
    // With a key that is not of prime order, every second or fourth signature holds.
    while (!verifyRingFor(PREKEY_RING, statement, sigma)) {
      sigma = signRingFor(PREKEY_RING, signer, statement, env);
    }
    const dake2 = encodeDake2({
      receiverTag: ownerTag,
      server: { raw: transcript.compositeIdentity },
      ecdhPublic: transcript.serverEcdh,
      sigma,
    });
    return formatPrekeyArmor(dake2);
  }

  /** The point with one of order 2 added. */
  function withTorsion(point: EcdhPublic): Uint8Array {
    const { Point } = ed448;
    const order2 = Point.fromAffine({ x: 0n, y: Point.Fp.create(-1n) });
    return Point.fromBytes(point).add(order2).toBytes();
  }

  it('ends it when a server that signs for us calls itself by another name', () => {
    const body = signedDake2({});
    const rightly = client.peek({ tag: 'receive', from: SERVER_JID, body });
    expect(typesOf(rightly.bodies)).toEqual([0x37]);
    client.step({ tag: 'disconnected' });
    expectAborted(signedDake2({ serverJid: 'prekey.b.example' }));
  });

  it('ends it when S is a key of the ring, though all of it is signed', () => {
    expectAborted(signedDake2({ s: serverContext().longTermKey.public }));
    clock.pass(LIMITS.prekeyAnswerTimeoutMs);
    expectAborted(signedDake2({ s: client.state.context.own.longTermKey.public }));
  });

  it('pks:T-07 ends it for keys that are not of prime order, though the signature holds', () => {
    const s = generateEcdh(labelledEnv('pks/s')).public;
    const identity = Uint8Array.of(1, ...new Uint8Array(56));
    for (const bad of [withTorsion(s), identity]) expectAborted(signedDake2({ s: bad }));
    const serverKey = withTorsion(serverContext().longTermKey.public);
    client.state = reconfigurePrekeyClient(client.state, {
      serverFingerprint: deriveServerFingerprint(serverKey),
    });
    expectAborted(signedDake2({ serverKey }));
  });

  it('pks:T-50 ends it when the server has another key, however well it signs, and says so', () => {
    server = new TestServer(clock, { longTermKey: otherServerKey });
    expectAborted(dake2For(), 'server-key-changed');
    client.state = reconfigurePrekeyClient(client.state, {
      serverFingerprint: deriveServerFingerprint(otherServerKey.public),
    });
    expect(typesOf(client.receive(dake2For()))).toEqual([0x37]);
  });

  it('pks:T-07 ends it for a bad S or a bad H_s, and no key is agreed', () => {
    const keyAt = 3 + 4 + 4 + SERVER_JID.length + 2;
    for (const point of badPoints().filter((_, k) => k % 12 === 0)) {
      expectAborted(
        alter(dake2For(), (bytes) => {
          bytes.set(point, keyAt + 57);
        }),
      );
      const pinned = deriveServerFingerprint(point);
      client.state = reconfigurePrekeyClient(client.state, { serverFingerprint: pinned });
      expectAborted(
        alter(dake2For(), (bytes) => {
          bytes.set(point, keyAt);
        }),
      );
      client = new TestClient(clock, publisherContext());
      clock.pass(LIMITS.prekeyAnswerTimeoutMs);
    }
  });

  it('ends it when a key occurs twice: a ring of equal members tells who signed', () => {
    const keyAt = 3 + 4 + 4 + SERVER_JID.length + 2;
    const { publicKey } = client.state.context.own.profile;
    for (const s of [publicKey, serverContext().longTermKey.public]) {
      expectAborted(signedDake2({ s }));
    }
    expectAborted(
      alter(dake2For(), (bytes) => {
        bytes.set(publicKey, keyAt + 57);
      }),
    );
    const ephemeral = () =>
      client.state.exchange.tag === 'in-dake' ? client.state.exchange.ecdh.public : publicKey;
    expectAborted(
      alter(dake2For(), (bytes) => {
        bytes.set(ephemeral(), keyAt + 57);
      }),
    );
    client.state = reconfigurePrekeyClient(client.state, {
      serverFingerprint: deriveServerFingerprint(publicKey),
    });
    expectAborted(
      alter(dake2For(), (bytes) => {
        bytes.set(publicKey, keyAt);
      }),
    );
  });

  it('pks:T-04 ends it when the two ends do not agree who publishes', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    const [dake2 = ''] = server.receive('eve@z.example/desk', dake1);
    expectAborted(dake2);
  });

  it('pks:T-02 ends it when it is cut, and does not throw', () => {
    const dake2 = parsePrekeyArmor(dake2For());
    for (const length of [3, 7, 100, dake2.length - 1]) {
      expectAborted(formatPrekeyArmor(dake2.subarray(0, length)));
      client.step({ tag: 'request', request: STATUS });
    }
    expectAborted(formatPrekeyArmor(concat(dake2, Uint8Array.of(0))));
  });

  it('pks:T-52 is ignored from anybody else, and when nobody asked', () => {
    const dake2 = dake2For();
    const state = client.state;
    for (const from of [
      'prekey.b.example',
      `${SERVER_JID}/x`,
      `eve@${SERVER_JID}`,
      PUBLISHER_JID,
    ]) {
      expect(client.step({ tag: 'receive', from, body: dake2 })).toEqual([]);
      expect(client.last).toEqual([{ tag: 'ignored', why: 'foreign-sender' }]);
      expect(client.state).toBe(state);
    }
    client.receive(dake2);
    const waiting = client.state;
    client.receive(dake2);
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    expect(client.state).toBe(waiting);
  });
});

describe('the answer to DAKE-3', () => {
  it('secrets are durable before DAKE-3 leaves', () => {
    client.receive(dake2For(publishing()));
    expect(client.last.map(({ tag }) => tag)).toEqual(['persist', 'transmit', 'retire']);
    const [persist] = client.last;
    expect(persist?.tag === 'persist' && persist.publication.prekeys).toHaveLength(2);
  });

  it('pks:T-53 Success with a bad MAC is passed over, and a good one still counts', () => {
    const success = upToAnswer(publishing());
    const state = client.state;
    for (const at of [7, 40, -1]) {
      client.receive(alter(success, flip(at)));
      expect(client.last).toEqual([{ tag: 'ignored', why: 'invalid' }]);
      expect(client.state).toBe(state);
    }
    client.receive(success);
    expect(client.told).toEqual(['published']);
    client.receive(success);
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
  });

  it('a status or a Failure with a bad MAC, or for another tag, is passed over', () => {
    const status = upToAnswer(STATUS);
    const state = client.state;
    for (const at of [10, 11, -1]) {
      client.receive(alter(status, flip(at)));
      expect(client.last).toEqual([{ tag: 'ignored', why: 'invalid' }]);
    }
    client.receive(alter(status, flip(6)));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    expect(client.state).toBe(state);
    client.receive(status);
    expect(client.last).toContainEqual({ tag: 'status', count: 0 });

    server.storeIsDown = true;
    const failure = upToAnswer(STATUS);
    client.receive(alter(failure, flip(-1)));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'invalid' }]);
    client.receive(alter(failure, flip(6)));
    expect(client.last).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
    client.receive(failure);
    expect(client.told).toEqual(['failed']);
  });

  it('a good MAC over another tag changes nothing', () => {
    const tag = validateInstanceTag(0x102, 'tag');
    for (const request of [publishing(), STATUS]) {
      client = new TestClient(clock, publisherContext());
      const answer = upToAnswer(request);
      const { exchange } = client.state;
      if (exchange.tag !== 'awaiting-result') throw new Error('no DAKE-3 was sent');
      const { macKey } = exchange;
      const other =
        request === STATUS
          ? encodeStorageStatus({ receiverTag: tag, count: 7, mac: macOfStatus(macKey, tag, 7) })
          : encodeSuccess({ receiverTag: tag, mac: macOfSuccess(macKey, tag) });
      const failure = encodeFailure({ receiverTag: tag, mac: macOfFailure(macKey, tag) });
      const state = client.state;
      for (const stray of [other, failure]) {
        client.receive(formatPrekeyArmor(stray));
        expect(client.last).toEqual([{ tag: 'ignored', why: 'not-for-us' }]);
        expect(client.state).toBe(state);
      }
      client.receive(answer);
      expect(client.told).toEqual([request === STATUS ? 'status' : 'published']);
    }
  });

  it('Success answers a publication only, and a status a status request only', () => {
    const success = upToAnswer(publishing());
    const other = new TestClient(clock, publisherContext(), 'other');
    converse(other, server, { tag: 'request', request: STATUS });
    const [dake1 = ''] = other.step({ tag: 'request', request: STATUS });
    const [dake2 = ''] = server.receive(other.from, dake1);
    const [dake3 = ''] = other.receive(dake2);
    const [status = ''] = server.receive(other.from, dake3);
    client.receive(status);
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    other.receive(success);
    expect(other.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
    other.receive(status);
    expect(other.told).toEqual(['status']);
  });

  it('pks:T-55 when Success is lost the secrets stay, and a status may be asked for', () => {
    upToAnswer(publishing());
    clock.pass(LIMITS.prekeyAnswerTimeoutMs - 1);
    expect(client.step({ tag: 'tick' })).toEqual([]);
    expect(client.last).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    clock.pass(1);
    client.step({ tag: 'tick' });
    expect(client.told).toEqual(['unconfirmed']);
    const [unconfirmed] = client.last;
    const lent = unconfirmed?.tag === 'unconfirmed' ? unconfirmed.publication.prekeys : [];
    expect(lent.map(({ ecdh, dh }) => ecdh.secret.wiped || dh.secret.wiped)).toEqual([
      false,
      false,
    ]);
    converse(client, server, { tag: 'request', request: STATUS });
    expect(client.last).toContainEqual({ tag: 'status', count: 2 });
    converse(client, server, { tag: 'request', request: publishing() });
    expect(client.told).toEqual(['published']);
    converse(client, server, { tag: 'request', request: STATUS });
    expect(client.last).toContainEqual({ tag: 'status', count: 2 });
  });
});

describe('requests', () => {
  it('one is made at a time, the others wait for it', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: publishing() });
    expect(client.step({ tag: 'request', request: STATUS })).toEqual([]);
    expect(client.step({ tag: 'request', request: STATUS })).toEqual([]);
    expect(client.told).toEqual(['refused']);
    for (let n = 0; n < LIMITS.prekeyRequestsWaiting - 1; n += 1) {
      client.step({ tag: 'request', request: publishing() });
      expect(client.told).toEqual([]);
    }
    client.step({ tag: 'request', request: publishing() });
    expect(client.last).toEqual([{ tag: 'refused', why: 'busy' }]);
    const [dake2 = ''] = server.receive(client.from, dake1);
    const [dake3 = ''] = client.receive(dake2);
    const [success = ''] = server.receive(client.from, dake3);
    const next = client.receive(success);
    expect(typesOf(next)).toEqual([0x35]);
    expect(client.told).toEqual(['published']);
    expect(client.state.exchange).toMatchObject({ tag: 'in-dake', request: STATUS });
  });

  it('one that publishes nothing, or too much, is refused', () => {
    const context = publisherContext();
    const nothing = contentOf(context, { prekeys: [], k: false, j: false });
    client.step({ tag: 'request', request: { tag: 'publish', publication: nothing } });
    expect(client.last).toEqual([{ tag: 'refused', why: 'nothing-to-publish' }]);
    const [pair] = contentOf(context).prekeys;
    const many = { ...nothing, prekeys: Array.from({ length: 256 }, () => pair) };
    const publication = { ...many, prekeys: many.prekeys.filter((one) => one !== undefined) };
    client.step({ tag: 'request', request: { tag: 'publish', publication } });
    expect(client.last).toEqual([{ tag: 'refused', why: 'too-many' }]);
    const most = { ...publication, prekeys: publication.prekeys.slice(1) };
    expect(client.step({ tag: 'request', request: { tag: 'publish', publication: most } })).toEqual(
      [expect.any(String)],
    );
  });

  it.each([
    ['prekey messages', { k: false, j: false }],
    ['a Client Profile', { prekeys: [], j: false }],
    ['a Prekey Profile', { prekeys: [], k: false }],
  ])('one that publishes %s and nothing else is made', (_, parts) => {
    const publication = contentOf(publisherContext(), parts);
    const request: PrekeyRequest = { tag: 'publish', publication };
    expect(typesOf(client.step({ tag: 'request', request }))).toEqual([0x35]);
  });

  it('one whose DAKE-3 never left has failed: the server cannot have it', () => {
    const request = publishing();
    client.step({ tag: 'request', request });
    client.step({ tag: 'disconnected' });
    expect(client.last[0]).toEqual({ tag: 'failed', request, why: 'disconnected' });
  });

  it('keys are given up after all that is told, questions included', () => {
    client.step({ tag: 'request', request: STATUS });
    client.step({ tag: 'query', identity: 'bob@b.example' });
    client.step({ tag: 'disconnected' });
    expect(client.last.map(({ tag }) => tag)).toEqual(['failed', 'query-failed', 'retire']);
  });

  it('what only a server may be sent is not expected here', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    client.receive(dake1);
    expect(client.last).toEqual([{ tag: 'ignored', why: 'unexpected' }]);
  });

  it('pks:T-56 end when they bounce, when the line goes down, and when nobody answers', () => {
    const endings = [
      () => client.step({ tag: 'bounced', about: { tag: 'exchange' } }),
      () => client.step({ tag: 'disconnected' }),
      () => {
        clock.pass(LIMITS.prekeyAnswerTimeoutMs);
        client.step({ tag: 'tick' });
      },
    ];
    for (const [k, end] of endings.entries()) {
      client.step({ tag: 'request', request: STATUS });
      client.step({ tag: 'request', request: publishing() });
      const held = prekeyClientSecrets(client.state);
      end();
      const why = ['bounced', 'disconnected', 'timed-out'][k];
      expect(client.last.filter(({ tag }) => tag === 'failed')).toMatchObject([{ why }, { why }]);
      expect(client.state.exchange.tag).toBe('not-in-dake');
      expect(client.state.waiting).toEqual([]);
      expect(held.map(({ wiped }) => wiped)).toEqual([true]);
      client.step({ tag: 'bounced', about: { tag: 'exchange' } });
      expect(client.last).toEqual([{ tag: 'ignored', why: 'nothing-to-do' }]);
    }
  });

  it('the clock says when something is due', () => {
    expect(nextPrekeyTickAt(client.state)).toBeUndefined();
    client.step({ tag: 'request', request: STATUS });
    expect(nextPrekeyTickAt(client.state)).toBe(clock.monotonicMs + LIMITS.prekeyAnswerTimeoutMs);
    clock.pass(LIMITS.prekeyAnswerTimeoutMs);
    client.step({ tag: 'tick' });
    expect(nextPrekeyTickAt(client.state)).toBeUndefined();
  });
});

describe('interactive-only mode', () => {
  const noEnv: Env = {
    random: () => {
      throw new Error('randomness drawn');
    },
    nowMs: () => {
      throw new Error('clock read');
    },
    monotonicMs: () => {
      throw new Error('clock read');
    },
  };

  it('mode:I-08 pks:T-81 asks for nothing and looks at nothing, before any cryptography', () => {
    const context: PrekeyClientContext = { ...publisherContext(), mode: 'interactive-only' };
    const silent = createPrekeyClient(context);
    const step = (input: Parameters<typeof stepPrekeyClient>[1]) =>
      stepPrekeyClient(silent, input, noEnv);
    const refused = { next: silent, effects: [{ tag: 'refused', why: 'mode' }] };
    expect(step({ tag: 'request', request: STATUS })).toEqual(refused);
    expect(step({ tag: 'query', identity: 'bob@z.example' })).toEqual(refused);
    const body = dake2For();
    const received = step({ tag: 'receive', from: SERVER_JID, body });
    expect(received.effects).toEqual([{ tag: 'ignored', why: 'not-allowed' }]);
    expect(received.next).toBe(silent);
  });
});

describe('secrets of an exchange', () => {
  it('are wiped when it is over, and none are left behind', () => {
    client.step({ tag: 'request', request: publishing() });
    const [ephemeral] = prekeyClientSecrets(client.state);
    const [dake1 = ''] = client.effects.flatMap((effect) =>
      effect.tag === 'transmit' ? [effect.body] : [],
    );
    const [dake2 = ''] = server.receive(client.from, dake1);
    const [dake3 = ''] = client.receive(dake2);
    expect(ephemeral?.wiped).toBe(true);
    const [macKey] = prekeyClientSecrets(client.state);
    const session = [...server.state.sessions.values()][0];
    expect(session?.secret.wiped).toBe(false);
    const [success = ''] = server.receive(client.from, dake3);
    expect(session?.secret.wiped).toBe(true);
    const tickets = server.effects.flatMap((effect) =>
      effect.tag === 'store' ? [effect.ticket.macKey.wiped] : [],
    );
    expect(tickets).toEqual([true]);
    expect(macKey?.wiped).toBe(false);
    client.receive(success);
    expect(macKey?.wiped).toBe(true);
    expect(prekeyClientSecrets(client.state)).toEqual([]);
    const { longTermKey } = client.state.context.own;
    expect([longTermKey.seed.wiped, serverContext().longTermKey.seed.wiped]).toEqual([
      false,
      false,
    ]);
  });

  it('are not wiped by the step itself: the caller commits first', () => {
    const env = clock.env('bare step');
    const asked = stepPrekeyClient(client.state, { tag: 'request', request: STATUS }, env).next;
    const gone = stepPrekeyClient(asked, { tag: 'disconnected' }, env);
    expect(prekeyClientSecrets(asked).map(({ wiped }) => wiped)).toEqual([false]);
    expect(gone.effects.at(-1)).toEqual({ tag: 'retire', secrets: prekeyClientSecrets(asked) });
  });
});
