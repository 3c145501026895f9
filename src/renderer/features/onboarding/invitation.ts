// SPDX-License-Identifier: GPL-3.0-or-later

import type { LinkView } from '#shared/model/link.ts';

interface Invited {
  /** What is known of the own address: all of it, or `@` and the server. */
  readonly jid: string;
  readonly domain: string;
  readonly token: string | undefined;
}

/** To make an account: at a server, or at the server of somebody who invites as well. */
export function invitationOf({ link }: LinkView): Invited | undefined {
  if (link.tag === 'register') {
    const { jid, domain, token } = link;
    return { jid: jid ?? `@${domain}`, domain, token };
  }
  if (link.tag !== 'contact' || link.action.tag !== 'add') return undefined;
  const { token } = link.action;
  const domain = link.jid.slice(link.jid.indexOf('@') + 1);
  return token === undefined ? undefined : { jid: `@${domain}`, domain, token };
}
