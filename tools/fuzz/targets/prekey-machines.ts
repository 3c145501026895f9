// SPDX-License-Identifier: GPL-3.0-or-later

import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { formatHex } from '#otr/bytes.ts';
import { Secret } from '#otr/crypto/secret.ts';
import type { Env } from '#otr/env.ts';
import { LIMITS } from '#otr/limits.ts';
import { stepPrekeyClient } from '#otr/prekey/client/client.ts';
import { createPublication } from '#otr/prekey/client/publication.ts';
import type { PrekeyClient } from '#otr/prekey/client/state.ts';
import { macOfPublication } from '#otr/prekey/mac.ts';
import { decodeDake1 } from '#otr/prekey/message/dake-1.ts';
import { decodeDake2 } from '#otr/prekey/message/dake-2.ts';
import { decodeDake3 } from '#otr/prekey/message/dake-3.ts';
import { decodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { decodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import { peekPrekeyType, PREKEY_TYPE } from '#otr/prekey/message/header.ts';
import { decodeNoEnsembles } from '#otr/prekey/message/no-ensembles.ts';
import { decodeFailure, decodeSuccess } from '#otr/prekey/message/outcome.ts';
import { decodePublication, encodePublication } from '#otr/prekey/message/publication.ts';
import { decodeStorageStatus } from '#otr/prekey/message/storage-status.ts';
import { validatePublication } from '#otr/prekey/server/publication.ts';
import { stepPrekeyServer } from '#otr/prekey/server/server.ts';
import type { PrekeyServer } from '#otr/prekey/server/state.ts';
import { derivePrekeyMacKey } from '#otr/prekey/shared-secret.ts';
import { KNOWN_NOW_MS } from '../../../test/support/labelled-random.ts';
import {
  contentOf,
  publisherContext,
  PUBLISHER_JID,
} from '../../../test/support/prekey-parties.ts';
import { PrekeyClock, TestClient, TestServer } from '../../../test/support/prekey-world.ts';
import { seededEnv } from '../../../test/support/seeded-env.ts';
import { canonicalHash } from '../canonical.ts';
import { recordFields, type Field } from '../fields.ts';
import { hostileValues } from '../hostile-values.ts';
import { BODY_SEPARATOR } from '../mutate-text.ts';
import { asBytes, asText, expectThat, refusal, type TargetPlan } from '../target.ts';
import { knownMessage, prekeyFragments } from './prekey.ts';

const DECODERS = new Map<number, (bytes: Uint8Array) => unknown>([
  [PREKEY_TYPE.dake1, decodeDake1],
  [PREKEY_TYPE.dake2, decodeDake2],
  [PREKEY_TYPE.dake3, decodeDake3],
  [PREKEY_TYPE.ensembleQuery, decodeEnsembleQuery],
  [PREKEY_TYPE.ensembleRetrieval, decodeEnsembleRetrieval],
  [PREKEY_TYPE.noEnsembles, decodeNoEnsembles],
  [PREKEY_TYPE.success, decodeSuccess],
  [PREKEY_TYPE.failure, decodeFailure],
  [PREKEY_TYPE.storageStatus, decodeStorageStatus],
]);

function fieldsOf(bytes: Uint8Array): readonly Field[] {
  return recordFields(() => (DECODERS.get(bytes[2] ?? -1) ?? peekPrekeyType)(bytes));
}

/** The stages of one exchange: what each end was in, and what the other really said. */
function exchange() {
  const clock = new PrekeyClock();
  const context = publisherContext();
  const client = new TestClient(clock, context);
  const server = new TestServer(clock);
  const publication = contentOf(context);
  const dake1 = client.step({ tag: 'request', request: { tag: 'publish', publication } });
  client.step({ tag: 'query', identity: PUBLISHER_JID });
  const inDake = client.state;
  const idle = server.state;
  const dake2 = dake1.flatMap((body) => server.receive(client.from, body));
  const begun = server.state;
  const kept = copySecrets(begun);
  const after = stepWithout(inDake, dake2);
  const answers = after.bodies.flatMap((body) => server.receive(client.from, body));
  return {
    from: client.from,
    clock,
    inDake,
    idle,
    begun: kept,
    dake1,
    dake2,
    dake3: after,
    answers,
  };
}

/** A server whose secrets outlive the exchange that is played to its end beside it. */
function copySecrets(server: PrekeyServer): PrekeyServer {
  const sessions = new Map(
    [...server.sessions].map(([key, session]) => [
      key,
      { ...session, secret: session.secret.copy() },
    ]),
  );
  return { ...server, sessions };
}

/** The client after these bodies, with nothing wiped. */
function stepWithout(client: PrekeyClient, bodies: readonly string[]) {
  let state = client;
  const said: string[] = [];
  for (const body of bodies) {
    const env = seededEnv('prekey client', KNOWN_NOW_MS);
    const input = { tag: 'receive', from: client.context.serverJid, body } as const;
    const { next, effects } = stepPrekeyClient(state, input, env);
    state = next;
    said.push(...effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : [])));
  }
  return { state, bodies: said };
}

function others(): readonly string[] {
  const names = [
    'DAKE-1',
    'DAKE-2',
    'DAKE-3 with publication',
    'DAKE-3 with storage request',
    'Prekey Publication',
    'Storage Status',
    'Success',
    'Failure',
    'Ensemble Query',
    'Ensemble Retrieval',
    'No Prekey Ensembles',
  ] as const;
  const messages = names.map(knownMessage);
  const pieces = prekeyFragments(knownMessage('DAKE-1'), 3);
  return [...messages.map(formatPrekeyArmor), ...pieces, pieces.join(BODY_SEPARATOR), 'text', ''];
}

function coreOf(body: string): string {
  try {
    return formatHex(parsePrekeyArmor(body.trim()));
  } catch {
    return body;
  }
}

/** Told only when the other end proved who it is. */
const PROVEN = new Set(['store', 'count', 'published', 'status', 'persist']);

function tagsOf(effects: readonly { readonly tag: string; readonly why?: string }[]): string {
  return effects.map(({ tag, why }) => (why === undefined ? tag : `${tag}:${why}`)).join('+');
}

function expectBoundedServer({ sessions, fragments }: PrekeyServer): void {
  const buffers = [...fragments.values()].map((known) => known.buffers.length);
  expectThat(sessions.size <= LIMITS.prekeySessions, 'growth', 'sessions');
  expectThat(fragments.size <= LIMITS.prekeyFragmentSenders, 'growth', 'senders');
  expectThat(Math.max(0, ...buffers) <= LIMITS.prekeyFragmentBuffers, 'growth', 'buffers');
}

const FRAGMENT = '?OTRP|';

/** What is refused after it cost something is counted, and changes nothing else. */
function expectOnlyCounted(
  before: PrekeyServer,
  after: PrekeyServer,
  said: string,
  isPiece: boolean,
): void {
  expectThat(after.sessions === before.sessions, 'state-change', said);
  expectThat(isPiece || after.fragments === before.fragments, 'state-change', said);
  expectThat(after.context === before.context, 'state-change', said);
}

function serverTarget(name: 'idle' | 'in dake'): TargetPlan {
  return {
    name: `prekey server: ${name}`,
    tries: ['stepPrekeyServer', 'peekPrekeyType', 'verifyRingFor'],
    boundMs: 900,
    batch: 40,
    make: () => {
      const made = exchange();
      const state = name === 'idle' ? made.idle : made.begun;
      const genuine = new Set(made.dake3.bodies.map(coreOf));
      const before = canonicalHash(state);
      const env: Env = { ...seededEnv('server', KNOWN_NOW_MS), monotonicMs: () => 1000 };
      return {
        seeds: [...made.dake1, ...made.dake3.bodies, ...others()],
        isSequence: true,
        dictionary: hostileValues(),
        fieldsOf,
        attempt: (input) => {
          let at = state;
          const said: string[] = [];
          for (const body of asText(input).split(BODY_SEPARATOR).slice(0, 12)) {
            const { next, effects } = stepPrekeyServer(
              at,
              { tag: 'receive', from: made.from, body },
              env,
            );
            const isIgnored = effects.every(({ tag }) => tag === 'ignored');
            const isPiece = body.trim().startsWith(FRAGMENT);
            if (isIgnored) expectOnlyCounted(at, next, tagsOf(effects), isPiece);
            const proven = effects.some(({ tag }) => PROVEN.has(tag));
            if (proven && !isPiece)
              expectThat(genuine.has(coreOf(body)), 'forgery', tagsOf(effects));
            const sent = effects.filter(({ tag }) => tag === 'transmit').length;
            expectThat(sent <= 1, 'replies', tagsOf(effects));
            expectBoundedServer(next);
            at = next;
            said.push(tagsOf(effects));
          }
          return said.join(' ');
        },
        audit: () => {
          const isSame = canonicalHash(state) === before;
          expectThat(isSame, 'state-change', 'a step changed the state it was given');
        },
      };
    },
  };
}

function clientTarget(name: 'in dake' | 'awaiting result'): TargetPlan {
  return {
    name: `prekey client: ${name}`,
    tries: ['stepPrekeyClient'],
    boundMs: 900,
    batch: 40,
    make: () => {
      const made = exchange();
      const state = name === 'in dake' ? made.inDake : made.dake3.state;
      const genuine = new Set([...made.dake2, ...made.answers].map(coreOf));
      const before = canonicalHash(state);
      const { serverJid } = state.context;
      return {
        seeds: [...made.dake2, ...made.answers, ...others()],
        isSequence: true,
        dictionary: hostileValues(),
        fieldsOf,
        attempt: (input) => {
          let at = state;
          const said: string[] = [];
          const env = seededEnv('client', KNOWN_NOW_MS);
          for (const body of asText(input).split(BODY_SEPARATOR).slice(0, 12)) {
            const { next, effects } = stepPrekeyClient(
              at,
              { tag: 'receive', from: serverJid, body },
              env,
            );
            const isIgnored = effects.every(({ tag }) => tag === 'ignored');
            const isPiece = body.trim().startsWith(FRAGMENT);
            if (isIgnored && !isPiece) expectThat(next === at, 'state-change', tagsOf(effects));
            const proven = effects.some(({ tag }) => PROVEN.has(tag));
            if (proven && !isPiece)
              expectThat(genuine.has(coreOf(body)), 'forgery', tagsOf(effects));
            expectThat(next.waiting.length <= LIMITS.prekeyRequestsWaiting, 'growth', 'requests');
            expectThat(
              next.fragments.buffers.length <= LIMITS.prekeyFragmentBuffers,
              'growth',
              'buffers',
            );
            at = next;
            said.push(tagsOf(effects));
          }
          return said.join(' ');
        },
        audit: () => {
          const isSame = canonicalHash(state) === before;
          expectThat(isSame, 'state-change', 'a step changed the state it was given');
        },
      };
    },
  };
}

/** What a client that made the key exchange may publish: all of it under a right MAC. */
const PUBLICATION: TargetPlan = {
  name: 'prekey publication',
  tries: ['validatePublication'],
  boundMs: 900,
  batch: 40,
  make: () => {
    const context = publisherContext();
    const { ownerTag } = context.own.profile;
    const shelf = { identity: PUBLISHER_JID, ownerTag, publicKey: context.own.longTermKey.public };
    const secret = Secret.own<64>(new Uint8Array(64).fill(5), 64);
    const env = seededEnv('publication', KNOWN_NOW_MS);
    return {
      seeds: [
        createPublication(contentOf(context), ownerTag, secret, env),
        createPublication(contentOf(context, { k: false, j: false }), ownerTag, secret, env),
        createPublication(contentOf(context, { prekeys: [] }), ownerTag, secret, env),
      ],
      dictionary: hostileValues(),
      attempt: (input) => {
        try {
          const { parts } = decodePublication(asBytes(input));
          using macKey = derivePrekeyMacKey(secret);
          const bytes = encodePublication(parts, macOfPublication(macKey, parts));
          const command = validatePublication(bytes, shelf, secret, KNOWN_NOW_MS);
          return `publishes ${command.prekeyMessages.length.toString()}`;
        } catch (cause) {
          return refusal(cause);
        }
      },
    };
  },
};

export const PREKEY_MACHINE_TARGETS: readonly TargetPlan[] = [
  serverTarget('idle'),
  serverTarget('in dake'),
  clientTarget('in dake'),
  clientTarget('awaiting result'),
  PUBLICATION,
];
