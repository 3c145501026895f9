// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';
import { encodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { PREKEY_TYPE } from '#otr/prekey/message/header.ts';
import { KNOWN_EXPIRATION_MS } from '../../support/labelled-random.ts';
import {
  contentOf,
  publisherContext,
  PUBLISHER_JID,
  PUBLISHER_TAG,
} from '../../support/prekey-parties.ts';
import {
  converse,
  PrekeyClock,
  TestClient,
  TestServer,
  typesOf,
} from '../../support/prekey-world.ts';

const DAY_MS = 86_400_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const QUERY = formatPrekeyArmor(
  encodeEnsembleQuery({
    senderTag: PUBLISHER_TAG,
    identity: bytes(PUBLISHER_JID),
    versions: bytes('4'),
  }),
);

/** As when the profiles were just made: they last a week. */
function clockAhead(byMs: number): PrekeyClock {
  const clock = new PrekeyClock();
  clock.wallMs = KNOWN_EXPIRATION_MS - 7 * DAY_MS + byMs;
  return clock;
}

/** The clock of the server is ahead by so much; that of the publisher is right. */
function publishedAt(aheadMs: number): {
  readonly told: readonly string[];
  readonly server: TestServer;
} {
  const server = new TestServer(clockAhead(aheadMs));
  const client = new TestClient(clockAhead(0), publisherContext());
  const publication = contentOf(publisherContext());
  converse(client, server, { tag: 'request', request: { tag: 'publish', publication } });
  return { told: client.told, server };
}

describe('a prekey server whose clock is wrong', () => {
  it.each([-2 * DAY_MS, 0, 2 * DAY_MS])('sec:F-PK-10 by %i ms serves all the same', (aheadMs) => {
    const { told, server } = publishedAt(aheadMs);
    expect(told).toEqual(['published']);
    expect(typesOf(server.receive('alice@z.example/desk', QUERY))).toEqual([
      PREKEY_TYPE.ensembleRetrieval,
    ]);
  });

  it('sec:F-PK-10 by more than a profile lasts takes and gives nothing', () => {
    const { told, server } = publishedAt(8 * DAY_MS);
    // It does not speak with somebody whose profile is over.
    expect(told).toEqual([]);
    expect(server.shelves.devices).toEqual([]);
    expect(typesOf(server.receive('alice@z.example/desk', QUERY))).toEqual([
      PREKEY_TYPE.noEnsembles,
    ]);
  });
});
