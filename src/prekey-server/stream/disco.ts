// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import type { IncomingRequest } from './incoming.ts';
import { element, stanzaError } from './outgoing.ts';

const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';
const PREKEY_SERVER = 'http://jabber.org/protocol/otrv4-prekey-server';
const PING = 'urn:xmpp:ping';
const FINGERPRINT_NODE = 'fingerprint';

export interface ServerCard {
  readonly jid: string;
  /** 112 hexadecimal digits. */
  readonly fingerprint: string;
}

/** @see OTRv4 over XMPP, "Discovering prekey servers" */
export function answerRequest(request: IncomingRequest, card: ServerCard): string {
  const { from: to, id } = request;
  const found = request.type === 'get' ? findAnswer(request, card) : undefined;
  const [type, children] =
    found ?? (['error', [stanzaError('cancel', 'service-unavailable')]] as const);
  return element('iq', { from: card.jid, to, id, type }, children).toString();
}

type Answer = readonly ['result', readonly JXT.XMLElement[]];

function findAnswer(
  { name, namespace, node }: IncomingRequest,
  { jid, fingerprint }: ServerCard,
): Answer | undefined {
  if (name === 'ping' && namespace === PING) return ['result', []];
  if (name !== 'query') return undefined;
  if (namespace === DISCO_INFO && (node === undefined || node === FINGERPRINT_NODE)) {
    return ['result', [info(node)]];
  }
  if (namespace !== DISCO_ITEMS || node !== undefined) return undefined;
  const item = element('item', { jid, node: FINGERPRINT_NODE, name: fingerprint });
  return ['result', [element('query', { xmlns: DISCO_ITEMS }, [item])]];
}

function info(node: string | undefined): JXT.XMLElement {
  const identity = element('identity', {
    category: 'auth',
    type: 'otr-prekey',
    name: 'OTR Prekey Server',
  });
  const features = [DISCO_INFO, DISCO_ITEMS, PREKEY_SERVER].map((name) =>
    element('feature', { var: name }),
  );
  return element('query', { xmlns: DISCO_INFO, node }, [identity, ...features]);
}
