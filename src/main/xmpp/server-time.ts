// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import { type BareJid, domainOf } from '#shared/model/jid.ts';

/** What time the account's server has, in ms since the epoch (XEP-0202); undefined if it does not say. */
export async function fetchServerTime(agent: Agent, own: BareJid): Promise<number | undefined> {
  try {
    const question = { type: 'get', to: domainOf(own), time: {} } as const;
    const { time }: Partial<Stanzas.IQ> = await agent.sendIQ(question);
    const at = time?.utc?.getTime() ?? Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}
