// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import type { RawDevice } from '../device-list.ts';

/** What we write. @see xep C-01 */
export const PAYLOAD = 'urn:xmpp:otr:1';
/** What one example of the draft has by mistake; read in the node of the devices only. */
export const PAYLOAD_BY_MISTAKE = 'urn:xmpp:omemo:1';

declare module 'stanza/protocol' {
  interface PubsubItemContent {
    devices?: readonly RawDevice[];
  }
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

const devices = (namespace: string): JXT.FieldDefinition<readonly RawDevice[]> => ({
  importer: (xml) =>
    xml.children
      .filter((child) => typeof child !== 'string')
      .filter((child) => child.getNamespace() === namespace && child.getName() === 'device')
      .map((child) => ({
        id: child.getAttribute('id'),
        label: nonEmpty(child.getAttribute('label')),
      })),
  exporter: (xml, list) => {
    for (const { id, label } of list) {
      const attributes = { id, ...(label === undefined ? {} : { label }) };
      xml.appendChild(new JXT.XMLElement('device', { xmlns: namespace, ...attributes }));
    }
  },
});

const payload = (namespace: string): JXT.DefinitionOptions => ({
  aliases: JXT.pubsubItemContentAliases(),
  element: 'devices',
  namespace,
  type: namespace,
  fields: { devices: devices(namespace) },
});

/** stanza looks for it in an error of another namespace than errors have, and so never finds it. */
const reasonOfRefusal: JXT.DefinitionOptions = {
  path: 'stanzaError',
  element: 'error',
  namespace: 'jabber:client',
  fields: {
    pubsubError: JXT.childEnum('http://jabber.org/protocol/pubsub#errors', [
      'precondition-not-met',
    ]),
  },
};

/** Unknown to stanza, which would drop what the list says (xep S-27). */
export const deviceLists = [payload(PAYLOAD), payload(PAYLOAD_BY_MISTAKE), reasonOfRefusal];
