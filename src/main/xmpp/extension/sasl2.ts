// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const SASL2 = 'urn:xmpp:sasl:2';
const BINDINGS = 'urn:xmpp:sasl-cb:0';

/** What the two sides of a login by XEP-0388 say to each other. */
export type Sasl2 =
  | { readonly type: 'authenticate'; readonly mechanism: string; readonly initialResponse: Buffer }
  | { readonly type: 'response'; readonly value: Buffer }
  | { readonly type: 'abort' }
  | { readonly type: 'challenge'; readonly value?: Buffer }
  | {
      readonly type: 'success';
      readonly additionalData?: Buffer;
      readonly authorizationIdentifier?: string;
    }
  | { readonly type: 'failure'; readonly condition?: string }
  /** The server wants more than the mechanism. */
  | { readonly type: 'continue' };

declare module 'stanza' {
  interface AgentEvents {
    sasl2: Sasl2;
  }
  interface TopLevelElements {
    sasl2: Sasl2;
  }
}

declare module 'stanza/protocol' {
  interface StreamFeatures {
    /** XEP-0388. */
    authentication?: { readonly mechanisms?: readonly string[] };
    /** XEP-0440: the types of channel binding that the server knows. */
    channelBindings?: { readonly types?: readonly string[] };
  }
}

const elementsOf = (xml: JXT.XMLElement, namespace: string): readonly JXT.XMLElement[] =>
  xml.children
    .filter((child) => typeof child !== 'string')
    .filter((child) => child.getNamespace() === namespace);

const bindingTypes: JXT.DefinitionOptions = {
  element: 'sasl-channel-binding',
  namespace: BINDINGS,
  path: 'features.channelBindings',
  fields: {
    types: {
      importer: (xml) =>
        elementsOf(xml, BINDINGS)
          .filter((child) => child.getName() === 'channel-binding')
          .map((child) => child.getAttribute('type')),
      exporter: () => undefined,
    },
  },
};

const authentication: JXT.DefinitionOptions = {
  element: 'authentication',
  namespace: SASL2,
  path: 'features.authentication',
  fields: { mechanisms: JXT.multipleChildText(null, 'mechanism') },
};

const said = (
  type: Sasl2['type'],
  fields: JXT.DefinitionOptions['fields'] = {},
): JXT.DefinitionOptions => ({
  element: type,
  namespace: SASL2,
  path: 'sasl2',
  type,
  typeField: 'type',
  fields,
});

export const sasl2: readonly JXT.DefinitionOptions[] = [
  bindingTypes,
  authentication,
  said('authenticate', {
    mechanism: JXT.attribute('mechanism'),
    initialResponse: JXT.childTextBuffer(null, 'initial-response', 'base64'),
  }),
  said('response', { value: JXT.textBuffer('base64') }),
  said('abort'),
  said('challenge', { value: JXT.textBuffer('base64') }),
  said('success', {
    additionalData: JXT.childTextBuffer(null, 'additional-data', 'base64'),
    authorizationIdentifier: JXT.childText(null, 'authorization-identifier'),
  }),
  said('failure', {
    condition: {
      importer: (xml) => elementsOf(xml, SASL)[0]?.getName(),
      exporter: () => undefined,
    },
  }),
  said('continue'),
];
