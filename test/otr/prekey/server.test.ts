// SPDX-License-Identifier: GPL-3.0-or-later
import { beforeEach, describe, expect, it } from 'vitest';

import { concat } from '#otr/bytes.ts';
import { GROUP_ORDER } from '#otr/crypto/ed448.ts';
import { decodeLittleEndian, encodeLittleEndian } from '#otr/crypto/integer.ts';
import { LIMITS } from '#otr/limits.ts';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import type { PrekeyRequest } from '#otr/prekey/client/state.ts';
import { decodeDake1, encodeDake1 } from '#otr/prekey/message/dake-1.ts';
import { decodeDake3, encodeDake3 } from '#otr/prekey/message/dake-3.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget } from '#otr/profile/long-term-key.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';

import { badPoints } from '../../support/bad-points.ts';
import { labelledEnv } from '../../support/labelled-random.ts';
import { contentOf, publisherContext, SERVER_JID } from '../../support/prekey-parties.ts';
import {
  converse,
  PrekeyClock,
  TestClient,
  TestServer,
  typesOf,
} from '../../support/prekey-world.ts';

const STATUS: PrekeyRequest = { tag: 'status' };
const publish = (): PrekeyRequest => ({
  tag: 'publish',
  publication: contentOf(publisherContext()),
});

let clock: PrekeyClock;
let server: TestServer;
let client: TestClient;

beforeEach(() => {
  clock = new PrekeyClock();
  server = new TestServer(clock);
  client = new TestClient(clock, publisherContext());
});

/** The bodies of an exchange up to the one that is handed to the server next. */
function upToDake3(request: PrekeyRequest, asked: TestClient = client): string {
  const [dake1 = ''] = asked.step({ tag: 'request', request });
  const [dake2 = ''] = server.receive(asked.from, dake1);
  const [dake3 = ''] = asked.receive(dake2);
  expect(typesOf([dake1, dake2, dake3])).toEqual([0x35, 0x36, 0x37]);
  return dake3;
}

function expectSilence(from: string, body: string, why: string): void {
  const before = server.state.sessions;
  expect(server.receive(from, body)).toEqual([]);
  expect(server.ignored).toEqual([why]);
  expect(server.state.sessions).toBe(before);
  expect(server.shelves.devices).toEqual([]);
}

/** A DAKE-1 with something else in it, its profile signed anew. */
function alteredDake1(change: Parameters<typeof resign>[0]): string {
  const [body = ''] = client.step({ tag: 'request', request: STATUS });
  return formatPrekeyArmor(resign(change, decodeDake1(parsePrekeyArmor(body))));
}

function resign(
  change: { readonly expiresAt?: number; readonly profileTag?: number; readonly i?: Uint8Array },
  { senderTag, profile, ecdhPublic }: ReturnType<typeof decodeDake1>,
): Uint8Array {
  const owner = {
    ownerTag: validateInstanceTag(change.profileTag ?? senderTag, 'tag'),
    longTermKey: client.state.context.own.longTermKey,
    forgingKey: createForgingKeyAndForget(labelledEnv('pks/publisher/sym_f')),
  };
  const signed = signClientProfile(owner, change.expiresAt ?? profile.expiresAt);
  return encodeDake1({ senderTag, profile: signed, ecdhPublic: change.i ?? ecdhPublic });
}

describe('DAKE-1 at the server', () => {
  it('pks:T-15 an honest one is answered, and so on to Success and the status', () => {
    const said = converse(client, server, { tag: 'request', request: publish() });
    expect(typesOf(said)).toEqual([0x35, 0x36, 0x37, 0x06]);
    expect(client.told).toEqual(['published']);
    const asked = converse(client, server, { tag: 'request', request: STATUS });
    expect(typesOf(asked)).toEqual([0x35, 0x36, 0x37, 0x0b]);
    expect(client.last).toContainEqual({ tag: 'status', count: 2 });
  });

  it('pks:T-21 with an expired profile it gets no answer', () => {
    expectSilence(client.from, alteredDake1({ expiresAt: clock.wallMs }), 'invalid');
  });

  it('pks:T-22 with the profile of another tag it gets no answer', () => {
    expectSilence(client.from, alteredDake1({ profileTag: 0x200 }), 'invalid');
  });

  it('with a profile that nobody signed it gets no answer', () => {
    const [body = ''] = client.step({ tag: 'request', request: STATUS });
    const bytes = parsePrekeyArmor(body);
    bytes[250] = (bytes[250] ?? 0) ^ 1;
    expectSilence(client.from, formatPrekeyArmor(bytes), 'invalid');
  });

  it('pks:T-07 with a bad point for I it gets no answer, and no key is agreed', () => {
    const { publicKey } = client.state.context.own.profile;
    const serverKey = server.state.context.longTermKey.public;
    for (const i of [...badPoints().filter((_, k) => k % 9 === 0), publicKey, serverKey]) {
      expectSilence(client.from, alteredDake1({ i }), 'invalid');
      client = new TestClient(clock, publisherContext());
      clock.pass(LIMITS.prekeyAnswerTimeoutMs);
    }
  });

  it('pks:T-21 beyond ten thousand sessions at once it gets no answer, and nothing is worked out', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    server.receive(client.from, dake1);
    const [session] = server.state.sessions.values();
    if (session === undefined) throw new RangeError('a session expected');
    const many = Array.from({ length: LIMITS.prekeySessions }, (_, k) => {
      const from = `publisher${k}@z.example/desk`;
      return [from, { ...session, from }] as const;
    });
    server.state = { ...server.state, sessions: new Map(many) };
    expectSilence(client.from, dake1, 'full');
  });

  it('pks:T-43 from a foreign domain it gets no answer', () => {
    const [body = ''] = client.step({ tag: 'request', request: STATUS });
    expectSilence('zoe@elsewhere.example/desk', body, 'not-allowed');
    expectSilence('z.example.evil.example/zoe@z.example', body, 'not-allowed');
  });

  it('pks:T-19 a second one replaces the first: only the newest S completes', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    const [first = ''] = server.receive(client.from, dake1);
    const [second = ''] = server.receive(client.from, dake1);
    expect(server.state.sessions.size).toBe(1);
    const other = new TestClient(clock, publisherContext());
    expect(other.step({ tag: 'request', request: STATUS })).toEqual([dake1]);
    const [late = ''] = client.receive(first);
    const [timely = ''] = other.receive(second);
    expect(server.receive(client.from, timely)).toHaveLength(1);
    expect(server.receive(client.from, late)).toEqual([]);
  });

  it('pks:T-40 the eleventh in a minute is one too many, for this account alone', () => {
    const [dake1 = ''] = client.step({ tag: 'request', request: STATUS });
    for (let n = 0; n < 10; n += 1) expect(server.receive(client.from, dake1)).toHaveLength(1);
    expect(server.receive(client.from, dake1)).toEqual([]);
    expect(server.ignored).toEqual(['rate-limited']);
    expect(server.receive('other@z.example/desk', dake1)).toHaveLength(1);
    clock.pass(6000);
    expect(server.receive(client.from, dake1)).toHaveLength(1);
  });
});

describe('DAKE-3 at the server', () => {
  it('pks:T-17 without a session, from another resource or under another tag it gets no answer', () => {
    const dake3 = upToDake3(STATUS);
    expectSilence('zoe@z.example/phone', dake3, 'unexpected');
    expectSilence('eve@z.example/desk', dake3, 'unexpected');
    const message = decodeDake3(parsePrekeyArmor(dake3));
    const tag = validateInstanceTag(0x999, 'tag');
    const relabelled = formatPrekeyArmor(encodeDake3({ ...message, senderTag: tag }));
    expectSilence(client.from, relabelled, 'unexpected');
    expect(typesOf(server.receive(client.from, dake3))).toEqual([0x0b]);
    expectSilence(client.from, dake3, 'unexpected');
  });

  it('pks:T-17 after five minutes it comes too late', () => {
    const dake3 = upToDake3(STATUS);
    clock.pass(LIMITS.prekeySessionLifetimeMs);
    expectSilence(client.from, dake3, 'unexpected');
    expect(server.state.sessions.size).toBe(1);
    server.tick();
    expect(server.state.sessions.size).toBe(0);
  });

  it('pks:T-18 the same one twice is answered once', () => {
    const dake3 = upToDake3(publish());
    expect(typesOf(server.receive(client.from, dake3))).toEqual([0x06]);
    expect(server.receive(client.from, dake3)).toEqual([]);
    expect(server.ignored).toEqual(['unexpected']);
  });

  it('pks:T-18 a forged one uses the session up, and gets no answer', () => {
    const dake3 = upToDake3(publish());
    const { sigma, ...rest } = decodeDake3(parsePrekeyArmor(dake3));
    const forged = encodeDake3({ ...rest, sigma: sigma.with(60, (sigma[60] ?? 0) ^ 1) });
    expect(server.receive(client.from, formatPrekeyArmor(forged))).toEqual([]);
    expect(server.ignored).toEqual(['invalid']);
    expect(server.receive(client.from, dake3)).toEqual([]);
    expect(server.shelves.devices).toEqual([]);
  });

  it('pks:T-06 a scalar of sigma with q added is refused', () => {
    const dake3 = upToDake3(publish());
    const { sigma, ...rest } = decodeDake3(parsePrekeyArmor(dake3));
    const raised = encodeDake3({ ...rest, sigma: plusOrder(sigma) });
    expect(server.receive(client.from, formatPrekeyArmor(raised))).toEqual([]);
    expect(server.ignored).toEqual(['invalid']);
  });

  it('carries a publication or a storage request, and nothing else', () => {
    for (const inner of [Uint8Array.of(0, 4, 0x37), Uint8Array.of(0, 3, 0x09), Uint8Array.of(0)]) {
      const rest = decodeDake3(parsePrekeyArmor(upToDake3(STATUS)));
      const altered = formatPrekeyArmor(encodeDake3({ ...rest, message: inner }));
      expect(server.receive(client.from, altered)).toEqual([]);
      expect(server.ignored).toEqual(['invalid']);
      client = new TestClient(clock, publisherContext());
    }
  });

  it('a storage request with a wrong MAC is answered with Failure, and nothing is counted', () => {
    const rest = decodeDake3(parsePrekeyArmor(upToDake3(STATUS)));
    const { message } = rest;
    const altered = encodeDake3({ ...rest, message: message.with(-1, (message.at(-1) ?? 0) ^ 1) });
    const [answer = ''] = server.receive(client.from, formatPrekeyArmor(altered));
    expect(server.effects.map(({ tag }) => tag)).not.toContain('count');
    expect(typesOf([answer])).toEqual([0x05]);
    client.receive(answer);
    expect(client.last).toContainEqual({ tag: 'failed', request: STATUS, why: 'refused' });
  });

  it('pks:T-20 two devices of one account interleave, and both succeed', () => {
    const phoneContext = publisherContext({ key: 'pks/phone', tag: 0x202 });
    const phone = new TestClient(clock, phoneContext, 'phone');
    const deskDake3 = upToDake3(publish());
    const phoneDake3 = upToDake3({ tag: 'publish', publication: contentOf(phoneContext) }, phone);
    const [deskAnswer = ''] = server.receive(client.from, deskDake3);
    const [phoneAnswer = ''] = server.receive(phone.from, phoneDake3);
    client.receive(deskAnswer);
    phone.receive(phoneAnswer);
    expect([client.told, phone.told]).toEqual([['published'], ['published']]);
    expect(server.shelves.devices).toHaveLength(2);
  });
});

describe('anything else at the server', () => {
  it('pks:T-16 publications and storage requests outside a DAKE-3 get no answer', () => {
    const { message } = decodeDake3(parsePrekeyArmor(upToDake3(publish())));
    expectSilence(client.from, formatPrekeyArmor(message), 'unexpected');
    const storage = decodeDake3(
      parsePrekeyArmor(upToDake3(STATUS, new TestClient(clock, publisherContext()))),
    );
    expectSilence(client.from, formatPrekeyArmor(storage.message), 'unexpected');
  });

  it('pks:T-02 bytes cut or added anywhere get no answer, and change nothing', () => {
    const dake3 = parsePrekeyArmor(upToDake3(STATUS));
    const state = server.state;
    for (let length = 0; length < dake3.length; length += 1) {
      expect(server.receive(client.from, formatPrekeyArmor(dake3.subarray(0, length)))).toEqual([]);
      expect(server.state).toBe(state);
    }
    const longer = formatPrekeyArmor(concat(dake3, Uint8Array.of(0)));
    expect(server.receive(client.from, longer)).toEqual([]);
    expect(server.state).toBe(state);
    for (const body of ['', 'hello', '?OTR:AAQ1.', 'AAQ1', '?OTRP|', '.']) {
      expect(server.receive(client.from, body)).toEqual([]);
    }
    expect(server.state).toBe(state);
  });

  it('sec:T-P-LOOP-1 the server does not answer itself, nor what only servers say', () => {
    const said = converse(client, server, { tag: 'request', request: STATUS });
    const [dake1 = '', dake2 = '', , status = ''] = said;
    const state = server.state;
    const [query = ''] = client.step({ tag: 'query', identity: 'bob@b.example' });
    expect(server.receive(SERVER_JID, dake1)).toEqual([]);
    expect(server.receive(SERVER_JID, query)).toEqual([]);
    expect(server.receive('prekey.b.example', dake2)).toEqual([]);
    expect(server.receive('prekey.b.example', status)).toEqual([]);
    expect(server.state).toBe(state);
  });
});

/** The same signature with q added to its first scalar. */
function plusOrder(sigma: Uint8Array): Uint8Array {
  const value = decodeLittleEndian(sigma.subarray(0, 57)) + decodeLittleEndian(GROUP_ORDER);
  return concat(encodeLittleEndian(value, 57), sigma.subarray(57));
}
