// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { decodePrekeyMessage, encodePrekeyMessage } from '#otr/codec/prekey-message.ts';
import { DH_MODULUS } from '#otr/crypto/dh3072.ts';
import { jacobi } from '#otr/crypto/jacobi.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { OtrError } from '#otr/errors.ts';
import { createPublication } from '#otr/prekey/client/publication.ts';
import type { PublicationContent } from '#otr/prekey/client/state.ts';
import { macOfPublication } from '#otr/prekey/mac.ts';
import {
  decodePublication,
  encodeProofs,
  encodePublication,
} from '#otr/prekey/message/publication.ts';
import type { PublicationParts, PublicationProofs } from '#otr/prekey/message/publication.ts';
import { validatePublication } from '#otr/prekey/server/publication.ts';
import { derivePrekeyMacKey } from '#otr/prekey/shared-secret.ts';
import { concat } from '#otr/bytes.ts';
import { toScalar } from '#otr/crypto/ed448.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget } from '#otr/profile/long-term-key.ts';

import { badPoints } from '../../support/bad-points.ts';
import { KNOWN_EXPIRATION_MS, KNOWN_NOW_MS, labelledEnv } from '../../support/labelled-random.ts';
import {
  contentOf,
  knownPair,
  KNOWN_PAIRS,
  PUBLISHER_JID,
  publisherContext,
} from '../../support/prekey-parties.ts';
import {
  converse,
  PrekeyClock,
  TestClient,
  TestServer,
  typesOf,
} from '../../support/prekey-world.ts';
import { seededEnv } from '../../support/seeded-env.ts';

const publisher = publisherContext();
const stranger = publisherContext({ key: 'pks/stranger' });
const { ownerTag } = publisher.own.profile;
const shelf = {
  identity: PUBLISHER_JID,
  ownerTag,
  publicKey: publisher.own.longTermKey.public,
};
const secret = () => Secret.own(new Uint8Array(64).fill(5), 64);
const env = seededEnv('publication');
const publication = (content: PublicationContent): Uint8Array =>
  createPublication(content, ownerTag, secret(), env);

function codeOf(bytes: Uint8Array, under = secret()): string {
  try {
    validatePublication(bytes, shelf, under, KNOWN_NOW_MS);
    return 'accepted';
  } catch (error) {
    if (error instanceof OtrError) return `${error.code} at ${error.field}`;
    throw error;
  }
}

/** The same publication with other parts, under the right MAC. */
function altered(
  bytes: Uint8Array,
  change: (parts: PublicationParts, proofs: PublicationProofs) => Partial<PublicationParts>,
): Uint8Array {
  const { parts, proofs } = decodePublication(bytes);
  const changed = { ...parts, ...change(parts, proofs) };
  return encodePublication(changed, macOfPublication(derivePrekeyMacKey(secret()), changed));
}

/** The same publication, its first prekey message replaced. */
function withFirst(
  bytes: Uint8Array,
  change: Partial<ReturnType<typeof decodePrekeyMessage>>,
): Uint8Array {
  return altered(bytes, ({ prekeyMessages }) => {
    const first = decodePrekeyMessage(prekeyMessages.subarray(0, 456));
    const replaced = encodePrekeyMessage({ ...first, ...change });
    return { prekeyMessages: concat(replaced, prekeyMessages.subarray(456)) };
  });
}

const whole = publication(contentOf(publisher));

const asStored = (profile: { readonly raw: Uint8Array; readonly expiresAt: number } | undefined) =>
  profile && { raw: profile.raw, expiresAt: profile.expiresAt };

describe('validatePublication', () => {
  it.each([
    [0, false, true],
    [0, true, false],
    [0, true, true],
    [2, false, false],
    [2, false, true],
    [2, true, false],
    [2, true, true],
  ])('pks:T-12 accepts N=%i K=%s J=%s', (n, k, j) => {
    const prekeys = KNOWN_PAIRS.slice(0, n);
    const content = contentOf(publisher, { prekeys, k, j });
    const command = validatePublication(publication(content), shelf, secret(), KNOWN_NOW_MS);
    expect(command.prekeyMessages.map(({ id }) => id)).toEqual(prekeys.map(({ id }) => id));
    expect(command.clientProfile).toEqual(asStored(content.clientProfile));
    expect(command.prekeyProfile).toEqual(asStored(content.prekeyProfile?.profile));
    expect(command.shelf).toBe(shelf);
  });

  it('pks:T-12 refuses one that publishes nothing', () => {
    const nothing = publication(contentOf(publisher, { prekeys: [], k: false, j: false }));
    expect(codeOf(nothing)).toBe('bad-count at n');
  });

  it('pks:T-23 refuses a wrong MAC first, and any byte that it covers', () => {
    expect(codeOf(whole)).toBe('accepted');
    expect(codeOf(whole, Secret.own(new Uint8Array(64).fill(6), 64))).toBe('bad-mac at mac');
    const { parts } = decodePublication(whole);
    const id = 4 + 3;
    const profile = 4 + parts.prekeyMessages.length + 1 + 100;
    for (const at of [id, profile, whole.length - 64, whole.length - 1]) {
      const flipped = whole.with(at, (whole[at] ?? 0) ^ 1);
      expect(codeOf(flipped), String(at)).toBe('bad-mac at mac');
    }
  });

  it('pks:T-24 refuses each proof that is not one, and proofs of another exchange', () => {
    const swap = (change: (proofs: PublicationProofs) => PublicationProofs) =>
      altered(whole, (_, proofs) => ({ proofs: encodeProofs(change(proofs)) }));
    const zero = toScalar(new Uint8Array(57));
    const bad = (proofs: PublicationProofs, change: 'ecdh' | 'dh') => {
      if (proofs.messages === undefined) throw new Error('no proofs');
      const { ecdh, dh } = proofs.messages;
      return change === 'ecdh'
        ? { ...proofs, messages: { ecdh: { ...ecdh, v: zero }, dh } }
        : { ...proofs, messages: { ecdh, dh: { ...dh, v: dh.v ^ 1n } } };
    };
    expect(codeOf(swap((proofs) => bad(proofs, 'ecdh')))).toBe('bad-proof at proof.ecdh');
    expect(codeOf(swap((proofs) => bad(proofs, 'dh')))).toBe('bad-proof at proof.dh');
    const ofMessages = swap((proofs) => ({ ...proofs, profile: proofs.messages?.ecdh }));
    expect(codeOf(ofMessages)).toBe('bad-proof at proof.profile');
    const elsewhere = createPublication(
      contentOf(publisher),
      ownerTag,
      Secret.own(new Uint8Array(64).fill(9), 64),
      env,
    );
    const replayed = altered(elsewhere, () => ({}));
    expect(codeOf(replayed)).toBe('bad-proof at proof.ecdh');
  });

  it('pks:T-24 refuses one key among many whose secret is not there', () => {
    const [one, two] = KNOWN_PAIRS;
    const foreign = { ...two, ecdh: { secret: one.ecdh.secret, public: two.ecdh.public } };
    const bytes = publication(contentOf(publisher, { prekeys: [one, foreign] }));
    expect(codeOf(bytes)).toBe('bad-proof at proof.ecdh');
    const foreignDh = { ...two, dh: { secret: one.dh.secret, public: two.dh.public } };
    const dhBytes = publication(contentOf(publisher, { prekeys: [one, foreignDh] }));
    expect(codeOf(dhBytes)).toBe('bad-proof at proof.dh');
  });

  it('pks:T-25 refuses a prekey message of another tag', () => {
    const tag = validateInstanceTag(0x999, 'tag');
    expect(codeOf(withFirst(whole, { ownerTag: tag }))).toBe('bad-tag at prekey.owner-tag');
  });

  it('pks:T-26 refuses profiles of another key than that of the exchange', () => {
    const theirs = contentOf(stranger);
    const clientProfile = theirs.clientProfile?.raw;
    expect(codeOf(altered(whole, () => ({ clientProfile })))).toBe(
      'bad-field at profile.public-key',
    );
    const prekeyProfile = theirs.prekeyProfile?.profile.raw;
    expect(codeOf(altered(whole, () => ({ prekeyProfile })))).toBe(
      'bad-signature at prekey-profile.signature',
    );
  });

  it('refuses profiles of another tag, and expired ones', () => {
    const { longTermKey } = publisher.own;
    const forgingKey = createForgingKeyAndForget(labelledEnv('pks/publisher/sym_f'));
    const other = { ownerTag: validateInstanceTag(0x222, 'tag'), longTermKey, forgingKey };
    const clientProfile = signClientProfile(other, KNOWN_EXPIRATION_MS).raw;
    expect(codeOf(altered(whole, () => ({ clientProfile })))).toBe('bad-tag at profile.owner-tag');
    const expired = signClientProfile({ ...other, ownerTag }, KNOWN_NOW_MS).raw;
    expect(codeOf(altered(whole, () => ({ clientProfile: expired })))).toBe(
      'expired at profile.expiration',
    );
  });

  it('refuses an id that occurs twice', () => {
    const twice = [KNOWN_PAIRS[0], { ...KNOWN_PAIRS[1], id: KNOWN_PAIRS[0].id }];
    const bytes = publication(contentOf(publisher, { prekeys: twice }));
    expect(codeOf(bytes)).toBe('duplicate-field at prekey.id');
  });

  it('pks:T-08 refuses B = 0, 1, p - 1, p and a non-residue before it looks at proofs', () => {
    let nonResidue = 2n;
    while (jacobi(nonResidue, DH_MODULUS) !== -1) nonResidue += 1n;
    for (const dhPublic of [0n, 1n, DH_MODULUS - 1n, DH_MODULUS, nonResidue]) {
      expect(codeOf(withFirst(whole, { dhPublic }))).toBe('bad-dh-element at prekey.b');
    }
  });

  it('refuses Y that are no keys before it looks at proofs', () => {
    for (const ecdhPublic of badPoints().filter((_, k) => k % 8 === 0)) {
      expect(codeOf(withFirst(whole, { ecdhPublic }))).toBe('bad-point at prekey.y');
    }
  });
});

describe('a publication through both machines', () => {
  it('pks:T-15 of 20 prekeys succeeds, and the status says 20', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock);
    const client = new TestClient(clock, publisher);
    const prekeys = Array.from({ length: 20 }, (_, id) => knownPair(id, `of twenty/${id}`));
    const content = contentOf(publisher, { prekeys });
    converse(client, server, { tag: 'request', request: { tag: 'publish', publication: content } });
    expect(client.last).toContainEqual({ tag: 'published', publication: content });
    converse(client, server, { tag: 'request', request: { tag: 'status' } });
    expect(client.last).toContainEqual({ tag: 'status', count: 20 });
  });

  it('pks:T-24 pks:T-39 is answered with Failure when it does not hold or the store is down', () => {
    const clock = new PrekeyClock();
    const server = new TestServer(clock);
    const client = new TestClient(clock, publisher);
    const [one, two] = KNOWN_PAIRS;
    const foreign = { ...two, ecdh: { secret: one.ecdh.secret, public: two.ecdh.public } };
    const request = {
      tag: 'publish',
      publication: contentOf(publisher, { prekeys: [one, foreign] }),
    } as const;
    const said = converse(client, server, { tag: 'request', request });
    expect(typesOf(said)).toEqual([0x35, 0x36, 0x37, 0x05]);
    expect(client.last).toContainEqual({ tag: 'failed', request, why: 'refused' });
    expect(server.shelves.devices).toEqual([]);
    server.storeIsDown = true;
    const sound = { tag: 'publish', publication: contentOf(publisher) } as const;
    const refused = converse(client, server, { tag: 'request', request: sound });
    expect(typesOf(refused)).toEqual([0x35, 0x36, 0x37, 0x05]);
    const status = converse(client, server, { tag: 'request', request: { tag: 'status' } });
    expect(typesOf(status)).toEqual([0x35, 0x36, 0x37, 0x05]);
    expect(client.told).toEqual(['failed']);
  });
});
