// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import { COMPONENT } from './component-stream.ts';
import { streamLimits } from './limits.ts';

export interface IncomingMessage {
  readonly tag: 'message';
  /** Full address, authenticated and normalised by the XMPP server. */
  readonly from: string;
  readonly id: string | undefined;
  readonly type: 'normal' | 'chat';
  readonly body: string;
}

export interface IncomingRequest {
  readonly tag: 'request';
  readonly from: string;
  readonly id: string;
  readonly type: 'get' | 'set';
  /** Local name and namespace of what is asked for; undefined when it is not exactly one thing. */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly node: string | undefined;
}

/**
 * A stanza that may be answered; undefined for all others. Errors are never answered, or two programs
 * could go on for ever; nor is what bears our own address.
 */
export function readStanza(
  stanza: JXT.XMLElement,
  ownJid: string,
): IncomingMessage | IncomingRequest | undefined {
  if (stanza.getNamespace() !== COMPONENT) return undefined;
  const from = stanza.getAttribute('from');
  if (from === undefined || !isForeign(from, ownJid)) return undefined;
  if (stanza.getAttribute('to') !== ownJid) return undefined;
  switch (stanza.getName()) {
    case 'message':
      return readMessage(stanza, from);
    case 'iq':
      return readRequest(stanza, from);
    default:
      return undefined;
  }
}

function isForeign(from: string, ownJid: string): boolean {
  if (from === '' || Buffer.byteLength(from) > streamLimits.jid) return false;
  return from !== ownJid && !from.startsWith(`${ownJid}/`);
}

/** Of types `normal`, which is also what no type means, and `chat`. */
function readMessage(stanza: JXT.XMLElement, from: string): IncomingMessage | undefined {
  const type = stanza.getAttribute('type') ?? 'normal';
  if (type !== 'normal' && type !== 'chat') return undefined;
  const [body, second] = stanza.getChildren('body', COMPONENT);
  const text = body?.children.every((child) => typeof child === 'string') ? body.getText() : '';
  if (text.trim() === '' || second !== undefined) return undefined;
  return { tag: 'message', from, id: readId(stanza), type, body: text };
}

function readRequest(stanza: JXT.XMLElement, from: string): IncomingRequest | undefined {
  const type = stanza.getAttribute('type');
  const id = readId(stanza);
  if ((type !== 'get' && type !== 'set') || id === undefined) return undefined;
  const children = stanza.children.filter((child) => typeof child !== 'string');
  const [child] = children.length === 1 ? children : [];
  return {
    tag: 'request',
    from,
    id,
    type,
    name: child?.getName(),
    namespace: child?.getNamespace(),
    node: child?.getAttribute('node'),
  };
}

function readId(stanza: JXT.XMLElement): string | undefined {
  const id = stanza.getAttribute('id');
  return id === undefined || Buffer.byteLength(id) > streamLimits.stanzaId ? undefined : id;
}
