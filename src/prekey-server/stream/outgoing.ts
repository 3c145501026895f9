// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';

const HINTS = 'urn:xmpp:hints';
const CARBONS = 'urn:xmpp:carbons:2';
const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const PING = 'urn:xmpp:ping';

type Attributes = Readonly<Record<string, string | undefined>>;

/** An element of the stream's own namespace, or of another. Escapes whatever it is given. */
export function element(
  name: string,
  attributes: Attributes,
  children: readonly (JXT.XMLElement | string)[] = [],
): JXT.XMLElement {
  return new JXT.XMLElement(name, { ...attributes }, [...children]);
}

/** Where a reply goes: from whom and to whom, under which id, and of the type of the question. */
export interface ReplyAddress {
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
  readonly type: 'normal' | 'chat';
}

/** A prekey message. The hints keep copies of it from other devices, archives and spools. */
export function formatReply({ from, to, id, type }: ReplyAddress, body: string): string {
  return element('message', { from, to, type, id }, [
    element('body', {}, [body]),
    element('no-copy', { xmlns: HINTS }),
    element('no-store', { xmlns: HINTS }),
    element('private', { xmlns: CARBONS }),
  ]).toString();
}

/** The same may be asked again later. */
export function formatRejection({ from, to, id }: ReplyAddress): string {
  return element('message', { from, to, type: 'error', id }, [
    stanzaError('wait', 'resource-constraint'),
  ]).toString();
}

export function stanzaError(type: 'wait' | 'cancel', condition: string): JXT.XMLElement {
  return element('error', { type }, [element(condition, { xmlns: STANZA_ERRORS })]);
}

/** To the domain that the component is part of: a server that is there says something to it. */
export function formatPing(jid: string): string {
  const to = jid.slice(jid.indexOf('.') + 1);
  return element('iq', { from: jid, to, type: 'get', id: 'alive' }, [
    element('ping', { xmlns: PING }),
  ]).toString();
}
