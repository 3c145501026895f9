// SPDX-License-Identifier: GPL-3.0-or-later
import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';

import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { createPrekeyClient, stepPrekeyClient } from '#otr/prekey/client/client.ts';
import type { PrekeyClient, PrekeyClientInput, PrekeyRequest } from '#otr/prekey/client/state.ts';
import { createPrekeyServer, stepPrekeyServer } from '#otr/prekey/server/server.ts';
import type { PrekeyServer } from '#otr/prekey/server/state.ts';

import { KNOWN_NOW_MS, labelledEnv } from '../../support/labelled-random.ts';
import {
  contentOf,
  KNOWN_DRAWS,
  PUBLISHER_JID,
  publisherContext,
  SERVER_JID,
  serverContext,
} from '../../support/prekey-parties.ts';
import { seededEnv } from '../../support/seeded-env.ts';
import known from '../../vectors/prekey/exchange.json';

type Message = keyof typeof known.messages;

const env = seededEnv('state table', KNOWN_NOW_MS);
const FROM = `${PUBLISHER_JID}/desk`;
const MESSAGES = Object.keys(known.messages) as readonly Message[];
const body = (name: Message): string => formatPrekeyArmor(hexToBytes(known.messages[name]));

const context = publisherContext();
const fresh = createPrekeyClient(context);
const publication = contentOf(context);

function inDake(request: PrekeyRequest): PrekeyClient {
  const draws = labelledEnv(...KNOWN_DRAWS.dake1);
  return stepPrekeyClient(fresh, { tag: 'request', request }, draws).next;
}

function awaiting(request: PrekeyRequest): PrekeyClient {
  const input = { tag: 'receive', from: SERVER_JID, body: body('DAKE-2') } as const;
  const draws = labelledEnv(...KNOWN_DRAWS.dake3);
  return stepPrekeyClient(inDake(request), input, draws).next;
}

const clients = {
  'not in DAKE': fresh,
  'in DAKE': inDake({ tag: 'status' }),
  'awaiting the status': awaiting({ tag: 'status' }),
  'awaiting Success': awaiting({ tag: 'publish', publication }),
} as const;

/** What each message leads to; in every other state it is ignored. */
const TOLD: Readonly<Record<keyof typeof clients, Partial<Record<Message, readonly string[]>>>> = {
  'not in DAKE': {},
  'in DAKE': { 'DAKE-2': ['transmit', 'retire'] },
  'awaiting the status': { 'Storage Status': ['status', 'retire'], Failure: ['failed', 'retire'] },
  'awaiting Success': { Success: ['published', 'retire'], Failure: ['failed', 'retire'] },
};

const CLIENT_ENDS: readonly PrekeyClientInput[] = [
  { tag: 'bounced', about: { tag: 'exchange' } },
  { tag: 'disconnected' },
];

describe('state x input of the client', () => {
  it.each(Object.entries(clients))('%s: every message of the protocol', (name, client) => {
    for (const message of MESSAGES) {
      const input = { tag: 'receive', from: SERVER_JID, body: body(message) } as const;
      const { next, effects } = stepPrekeyClient(client, input, env);
      const expected = TOLD[name as keyof typeof clients][message];
      expect(
        effects.map(({ tag }) => tag),
        message,
      ).toEqual(expected ?? ['ignored']);
      if (expected === undefined) expect(next, message).toBe(client);
      else expect(next, message).not.toBe(client);
    }
  });

  it.each(Object.entries(clients))('%s: what is no message, and what is early', (_, client) => {
    for (const text of ['', 'hello', 'AAQ2.', 'AAMK.', '?OTRP|1|0|101,1,1,x', '?OTR:AAQD.']) {
      const input = { tag: 'receive', from: SERVER_JID, body: text } as const;
      const { next, effects } = stepPrekeyClient(client, input, env);
      const isAborted = text === 'AAQ2.' && client.exchange.tag === 'in-dake';
      expect(effects[0]?.tag, text).toBe(isAborted ? 'failed' : 'ignored');
      expect(next === client, text).toBe(!isAborted);
    }
    expect(stepPrekeyClient(client, { tag: 'tick' }, env).next).toBe(client);
  });

  it.each(Object.entries(clients))('%s: a bounce and a lost line', (name, client) => {
    const lost = name === 'awaiting Success' ? 'unconfirmed' : 'failed';
    for (const input of CLIENT_ENDS) {
      const { next, effects } = stepPrekeyClient(client, input, env);
      const isIdle = client.exchange.tag === 'not-in-dake';
      expect(effects.map(({ tag }) => tag)).toEqual(isIdle ? ['ignored'] : [lost, 'retire']);
      expect(next === client).toBe(isIdle);
      expect(next.exchange).toEqual({ tag: 'not-in-dake' });
    }
  });
});

const empty = createPrekeyServer(serverContext());
const begun: PrekeyServer = stepPrekeyServer(
  empty,
  { tag: 'receive', from: FROM, body: body('DAKE-1') },
  labelledEnv(...KNOWN_DRAWS.dake2),
).next;

const servers = { 'no session': empty, 'in DAKE': begun } as const;

const DONE: Readonly<Record<keyof typeof servers, Partial<Record<Message, readonly string[]>>>> = {
  'no session': { 'DAKE-1': ['transmit'], 'Ensemble Query': ['take'] },
  'in DAKE': {
    'DAKE-1': ['transmit', 'retire'],
    'DAKE-3 with publication': ['store', 'retire'],
    'DAKE-3 with storage request': ['count', 'retire'],
    'Ensemble Query': ['take'],
  },
};

describe('state x input of the server', () => {
  it.each(Object.entries(servers))('%s: every message of the protocol', (name, server) => {
    for (const message of MESSAGES) {
      const input = { tag: 'receive', from: FROM, body: body(message) } as const;
      const { next, effects } = stepPrekeyServer(server, input, env);
      const expected = DONE[name as keyof typeof servers][message];
      expect(
        effects.map(({ tag }) => tag),
        message,
      ).toEqual(expected ?? ['ignored']);
      if (expected === undefined) expect(next, message).toBe(server);
      else expect(next, message).not.toBe(server);
    }
  });

  it.each(Object.entries(servers))('%s: what is no message, and what is early', (_, server) => {
    for (const text of ['', 'hello', 'AAQ1.', 'AAQ3.', 'AAMK.', '?OTRP|1|101|0,1,1,x']) {
      const { next, effects } = stepPrekeyServer(
        server,
        { tag: 'receive', from: FROM, body: text },
        env,
      );
      expect(effects[0]?.tag, text).toBe('ignored');
      expect(next, text).toBe(server);
    }
    expect(stepPrekeyServer(server, { tag: 'tick' }, env).next).toBe(server);
  });
});
