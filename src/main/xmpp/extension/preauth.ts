// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';

declare module 'stanza/protocol' {
  interface IQPayload {
    /** Shown to a server that makes accounts for those who were invited (XEP-0445, section 4). */
    preauth?: { readonly token: string };
  }
}

export const preauth: JXT.DefinitionOptions = {
  element: 'preauth',
  namespace: 'urn:xmpp:pars:0',
  path: 'iq.preauth',
  fields: { token: JXT.attribute('token') },
};
