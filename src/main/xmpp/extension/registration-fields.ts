// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';

const NAMESPACE = 'jabber:iq:register';

declare module 'stanza/protocol' {
  interface AccountManagement {
    /** The names of the fields that a registration form consists of (XEP-0077, section 3.1). */
    askedFor?: readonly string[];
  }
}

/** A server asks by sending empty elements, which stanza does not tell from absent ones. */
export const registrationFields: JXT.DefinitionOptions = {
  element: 'query',
  namespace: NAMESPACE,
  path: 'iq.account',
  fields: {
    askedFor: {
      importer: (xml) =>
        xml.children
          .filter((child) => typeof child !== 'string')
          .filter((child) => child.getNamespace() === NAMESPACE)
          .map((child) => child.getName()),
      exporter: () => undefined,
    },
  },
};
