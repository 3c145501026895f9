// SPDX-License-Identifier: GPL-3.0-or-later

import { LIMITS, permitsOffline } from '#otr';
import { formatHex } from '#otr/bytes.ts';
import type {
  ChangedKeyServerView,
  KeyServerView,
  PrekeysView,
  PublishingStage,
} from '#shared/model/prekeys.ts';
import type { PrekeyServerRow, PublishingRow } from '#main/store/rows.ts';
import type { PrekeysWorld } from './ports.ts';
import type { Publisher } from './publisher.ts';

const toCode = (fingerprint: Uint8Array): string => formatHex(fingerprint).toUpperCase();

function toServer({ jid, domain, fingerprint }: PrekeyServerRow): KeyServerView {
  return { jid, domain, code: toCode(fingerprint) };
}

function toChanged(row: PrekeyServerRow): readonly ChangedKeyServerView[] {
  const { proposed, stopped } = row;
  if (proposed === undefined || stopped) return [];
  return [{ ...toServer(row), newCode: toCode(proposed) }];
}

function toStage(publisher: Publisher, row: PublishingRow, online: boolean): PublishingStage {
  const { activity, obstacle } = publisher;
  if (!publisher.isWanted) return 'off';
  if (!online) return 'offline';
  if (activity !== 'none') return activity;
  if (obstacle !== undefined) return obstacle === 'stopped' ? 'stopped' : 'server-changed';
  if (row.failure !== undefined) return row.failure === 'no-server' ? 'no-server' : 'failing';
  return row.checkedAt === undefined ? 'waiting' : 'published';
}

/** What the window shows of all this. */
export function toPrekeysView(world: PrekeysWorld, publisher: Publisher): PrekeysView {
  const { store, account, mode, wire } = world;
  const row = publisher.row();
  const { publishedUntil, failure, failedAt } = row;
  if (!permitsOffline(mode())) {
    const isOut = publishedUntil !== undefined && publishedUntil > world.clock.now();
    return { tag: 'not-used', publishedUntil: isOut ? publishedUntil : undefined };
  }
  const servers = store.prekeyServers.all(account);
  const ours = servers.find(({ jid }) => jid === row.server);
  return {
    tag: 'used',
    stage: toStage(publisher, row, wire.state().tag === 'online'),
    server: ours && toServer(ours),
    left: row.stored,
    target: LIMITS.prekeysTarget,
    checkedAt: row.checkedAt,
    publishedUntil,
    nextLookAt: publisher.nextAt,
    trouble:
      failure === undefined || failedAt === undefined ? undefined : { why: failure, at: failedAt },
    changed: servers.flatMap(toChanged),
  };
}
