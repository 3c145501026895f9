// SPDX-License-Identifier: GPL-3.0-or-later
import { createHash } from 'node:crypto';

import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';

import { parsePrekeyArmor, formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { createPrekeyClient, stepPrekeyClient } from '#otr/prekey/client/client.ts';
import { createPublication } from '#otr/prekey/client/publication.ts';
import type { PrekeyRequest } from '#otr/prekey/client/state.ts';
import { prekeyKdf } from '#otr/prekey/kdf.ts';
import { macOfPublication } from '#otr/prekey/mac.ts';
import { encodeDake1 } from '#otr/prekey/message/dake-1.ts';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { encodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import { encodeNoEnsembles, NO_ENSEMBLES_TEXT } from '#otr/prekey/message/no-ensembles.ts';
import { decodePublication } from '#otr/prekey/message/publication.ts';
import { encodePrekeyPhi } from '#otr/prekey/phi.ts';
import {
  deriveServerFingerprint,
  encodeCompositeIdentity,
  formatServerFingerprint,
  isFingerprintOf,
  parseServerFingerprint,
} from '#otr/prekey/server-identity.ts';
import { createPrekeyServer, stepPrekeyServer } from '#otr/prekey/server/server.ts';
import { answerCount, answerFailure, answerPublication } from '#otr/prekey/server/replies.ts';
import {
  agreePrekeySecret,
  derivePrekeyMacKey,
  deriveProofContext,
} from '#otr/prekey/shared-secret.ts';
import { dake2Statement, dake3Statement } from '#otr/prekey/transcript.ts';
import { ecdhWithCofactor, generateEcdh } from '#otr/crypto/ed448.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { KNOWN_TAGS } from '../../support/known-parties.ts';
import { labelledEnv } from '../../support/labelled-random.ts';
import {
  contentOf,
  KNOWN_DRAWS,
  KNOWN_PAIRS,
  PUBLISHER_JID,
  publisherContext,
  SERVER_JID,
  serverContext,
} from '../../support/prekey-parties.ts';
import { reveal } from '../../support/reveal.ts';
import known from '../../vectors/prekey/exchange.json';

const publisher = publisherContext();
const server = serverContext();
const i = generateEcdh(labelledEnv('pks/i'));
const s = generateEcdh(labelledEnv('pks/s'));
const ends = { publisherJid: PUBLISHER_JID, serverJid: SERVER_JID };
const compositeIdentity = encodeCompositeIdentity(SERVER_JID, server.longTermKey.public);
const transcript = {
  ends,
  profile: publisher.own.profile.raw,
  compositeIdentity,
  publisherKey: publisher.own.longTermKey.public,
  serverKey: server.longTermKey.public,
  publisherEcdh: i.public,
  serverEcdh: s.public,
};
const secret = () => agreePrekeySecret(i.secret, s.public);
const FROM = `${PUBLISHER_JID}/desk`;

interface Transmitting {
  readonly effects: readonly { readonly tag: string; readonly body?: string }[];
}

/** The one message a step sends, in hexadecimal digits. */
function sent({ effects }: Transmitting): string {
  const bodies = effects.flatMap(({ tag, body }) =>
    tag === 'transmit' && body !== undefined ? [body] : [],
  );
  expect(bodies).toHaveLength(1);
  return bytesToHex(parsePrekeyArmor(bodies[0] ?? ''));
}

const bodyOf = (hex: string): string => formatPrekeyArmor(hexToBytes(hex));

function clientInDake(request: PrekeyRequest) {
  const step = stepPrekeyClient(
    createPrekeyClient(publisher),
    { tag: 'request', request },
    labelledEnv(...KNOWN_DRAWS.dake1),
  );
  expect(sent(step)).toBe(known.messages['DAKE-1']);
  return step.next;
}

function clientDake3(request: PrekeyRequest, draws: readonly string[]): string {
  const input = {
    tag: 'receive',
    from: SERVER_JID,
    body: bodyOf(known.messages['DAKE-2']),
  } as const;
  return sent(stepPrekeyClient(clientInDake(request), input, labelledEnv(...draws)));
}

function serverAfterDake1() {
  const step = stepPrekeyServer(
    createPrekeyServer(server),
    { tag: 'receive', from: FROM, body: bodyOf(known.messages['DAKE-1']) },
    labelledEnv(...KNOWN_DRAWS.dake2),
  );
  expect(sent(step)).toBe(known.messages['DAKE-2']);
  return step.next;
}

/** What the server asks of its store for a known DAKE-3. */
function asked(dake3: string) {
  const { effects } = stepPrekeyServer(
    serverAfterDake1(),
    { tag: 'receive', from: FROM, body: bodyOf(dake3) },
    labelledEnv(),
  );
  return effects;
}

describe('known answers of the prekey protocol', () => {
  it('pks:T-01 the client writes DAKE-1, DAKE-3 and both inner messages byte for byte', () => {
    const publication = contentOf(publisher);
    expect(clientDake3({ tag: 'publish', publication }, KNOWN_DRAWS.dake3)).toBe(
      known.messages['DAKE-3 with publication'],
    );
    expect(clientDake3({ tag: 'status' }, KNOWN_DRAWS.dake3.slice(0, 7))).toBe(
      known.messages['DAKE-3 with storage request'],
    );
    const inner = createPublication(
      publication,
      publisher.own.profile.ownerTag,
      secret(),
      labelledEnv(...KNOWN_DRAWS.dake3.slice(7)),
    );
    expect(bytesToHex(inner)).toBe(known.messages['Prekey Publication']);
  });

  it('pks:T-01 the server writes DAKE-2, Success, Failure and Status byte for byte', () => {
    const [store] = asked(known.messages['DAKE-3 with publication']);
    if (store?.tag !== 'store') throw new Error('nothing to store');
    expect(store.command.prekeyMessages.map(({ id }) => id)).toEqual(known['prekey ids']);
    expect(sent({ effects: answerPublication(store.ticket, 'stored') })).toBe(
      known.messages.Success,
    );
    expect(sent({ effects: answerFailure(store.ticket) })).toBe(known.messages.Failure);
    const [count] = asked(known.messages['DAKE-3 with storage request']);
    if (count?.tag !== 'count') throw new Error('nothing to count');
    expect(sent({ effects: answerCount(count.ticket, 20) })).toBe(known.messages['Storage Status']);
  });

  it('pks:T-01 the query and both answers are written byte for byte', () => {
    const identity = utf8ToBytes(PUBLISHER_JID);
    const tag = KNOWN_TAGS.bob;
    const query = encodeEnsembleQuery({ senderTag: tag, identity, versions: utf8ToBytes('4') });
    expect(bytesToHex(query)).toBe(known.messages['Ensemble Query']);
    const { parts } = decodePublication(hexToBytes(known.messages['Prekey Publication']));
    const retrieval = encodeEnsembleRetrieval({
      receiverTag: tag,
      identity,
      ensembles: [
        {
          clientProfile: parts.clientProfile ?? identity,
          prekeyProfile: parts.prekeyProfile ?? identity,
          prekeyMessage: parts.prekeyMessages.subarray(0, 456),
        },
      ],
    });
    expect(bytesToHex(retrieval)).toBe(known.messages['Ensemble Retrieval']);
    const none = encodeNoEnsembles({ receiverTag: tag, identity, text: NO_ENSEMBLES_TEXT });
    expect(bytesToHex(none)).toBe(known.messages['No Prekey Ensembles']);
  });

  it('pks:T-01 each message starts with its four characters and ends with a full stop', () => {
    const messages: Readonly<Record<string, string>> = known.messages;
    for (const [name, start] of Object.entries(known['base64 starts'])) {
      const text = bodyOf(messages[name] ?? '');
      expect(text.slice(0, 4), name).toBe(start);
      expect(text.endsWith('.')).toBe(true);
    }
    const dake1 = encodeDake1({
      senderTag: publisher.own.profile.ownerTag,
      profile: publisher.own.profile,
      ecdhPublic: i.public,
    });
    expect(dake1).toHaveLength(327);
  });

  it('pks:T-03 the KDF is SHAKE-256 over the domain without a terminator, whatever the usage', () => {
    for (const [usage, expected] of Object.entries(known['KDF of "abc", 64 bytes, by usage'])) {
      const derived = prekeyKdf(Number(usage), [utf8ToBytes('abc')], 64);
      expect(bytesToHex(derived), usage).toBe(expected);
      const other = createHash('shake256', { outputLength: 64 })
        .update('OTR-Prekey-Server')
        .update(Uint8Array.of(Number(usage)))
        .update('abc');
      expect(other.digest('hex')).toBe(expected);
    }
  });

  it('pks:T-04 phi names the publisher first, though the server sorts before it', () => {
    expect(bytesToHex(encodePrekeyPhi(ends))).toBe(known.phi);
    expect(known.phi.startsWith(`0000000d${bytesToHex(utf8ToBytes(PUBLISHER_JID))}`)).toBe(true);
  });

  it('SK is a * (4 * B), and both keys come from it', () => {
    expect(reveal(ecdhWithCofactor(i.secret, s.public))).toBe(known.SK_ecdh);
    expect(reveal(ecdhWithCofactor(s.secret, i.public))).toBe(known.SK_ecdh);
    expect(reveal(secret())).toBe(known.SK);
    expect(reveal(derivePrekeyMacKey(secret()))).toBe(known.prekey_mac_k);
    expect(reveal(deriveProofContext(secret()))).toBe(known.m);
  });

  it('what DAKE-2 and DAKE-3 sign is the known t', () => {
    expect(bytesToHex(compositeIdentity)).toBe(known['composite identity']);
    expect(bytesToHex(dake2Statement(transcript).message)).toBe(known['t of DAKE-2']);
    expect(bytesToHex(dake3Statement(transcript).message)).toBe(known['t of DAKE-3']);
  });

  it('a server is known by any of the three hashes of its key, and by no other', () => {
    const key = server.longTermKey.public;
    expect(bytesToHex(deriveServerFingerprint(key))).toBe(known['server fingerprint']);
    const all = [
      known['server fingerprint'],
      known['server fingerprint, type little-endian'],
      known['server fingerprint, type big-endian'],
    ];
    for (const hex of all) {
      const pinned = parseServerFingerprint(hex);
      expect(pinned !== undefined && isFingerprintOf(pinned, key)).toBe(true);
      expect(pinned !== undefined && isFingerprintOf(pinned, i.public)).toBe(false);
    }
    expect(parseServerFingerprint(known['server fingerprint'].slice(2))).toBeUndefined();
    expect(parseServerFingerprint(`${known['server fingerprint']}00`)).toBeUndefined();
    const shown = formatServerFingerprint(deriveServerFingerprint(key));
    expect(shown).toBe(known['server fingerprint'].toUpperCase());
    expect(parseServerFingerprint(shown.replaceAll(/(.{8})/g, '$1 '))).toEqual(
      deriveServerFingerprint(key),
    );
  });

  it('pks:T-12 the MAC of each combination of N, K and J is the known one', () => {
    const macKey = Secret.own(hexToBytes(known.prekey_mac_k), 64);
    const macs: Readonly<Record<string, string>> = known['publication MACs'];
    for (const n of [0, 2]) {
      for (const [k, j] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        const content = contentOf(publisher, {
          prekeys: KNOWN_PAIRS.slice(0, n),
          k: k === 1,
          j: j === 1,
        });
        const draws = [
          ...(n > 0 ? KNOWN_DRAWS.dake3.slice(7, 9) : []),
          ...(j === 1 ? KNOWN_DRAWS.dake3.slice(9) : []),
        ];
        const tag = publisher.own.profile.ownerTag;
        const bytes = createPublication(content, tag, secret(), labelledEnv(...draws));
        const { mac, parts } = decodePublication(bytes);
        expect(mac).toEqual(macOfPublication(macKey, parts));
        if (n + k + j > 0) expect(bytesToHex(mac)).toBe(macs[`N=${n} K=${k} J=${j}`]);
      }
    }
  });
});
