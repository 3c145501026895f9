// SPDX-License-Identifier: GPL-3.0-or-later

import type { Stanzas } from 'stanza';
import type { FullJid } from '#shared/model/jid.ts';
import type { ChatState, OutgoingChat, OutgoingOtr, OutgoingPrekey, OwnPresence } from './wire.ts';
import { toXmlText } from '#main/xml/xml-text.ts';

/** XEP-0380; `urn:xmpp:otr:0` is what that XEP registers for OTR. */
const OTR_LABEL = { id: 'urn:xmpp:otr:0', name: 'OTR' } as const;

export function toChatStanza(message: OutgoingChat): Stanzas.Message {
  return {
    to: message.to,
    type: 'chat',
    id: message.id,
    originId: message.id,
    body: toXmlText(message.body),
    ...(message.requestReceipt ? { receipt: { type: 'request' } } : {}),
    ...(message.chatState === undefined ? {} : { chatState: message.chatState }),
  };
}

/** An OTR body: not copied to other devices, no receipts and no chat states; archived only for who is away. */
export function toOtrStanza(message: OutgoingOtr): Stanzas.Message {
  return {
    to: message.to,
    type: 'chat',
    id: message.id,
    body: toXmlText(message.body),
    ...(message.kind === 'encoded' ? { encryptionMethod: OTR_LABEL } : {}),
    processingHints: message.keep
      ? { noCopy: true, store: true }
      : { noCopy: true, noPermanentStore: true },
    privateCarbon: true,
  };
}

/** Between us and the server alone: no copies, no archive, nothing that says anything about us (xep S-14). */
export function toPrekeyStanza({ to, body, id }: OutgoingPrekey): Stanzas.Message {
  return {
    to,
    type: 'normal',
    id,
    body,
    processingHints: { noCopy: true, noStore: true },
    privateCarbon: true,
  };
}

export function toReceiptStanza(to: FullJid, forId: string, id: string): Stanzas.Message {
  return {
    to,
    type: 'chat',
    id,
    receipt: { type: 'received', id: toXmlText(forId) },
    processingHints: { store: true },
  };
}

/** Of use at this moment only: not kept, and not copied to other devices. */
export function toChatStateStanza(to: FullJid, state: ChatState, id: string): Stanzas.Message {
  return {
    to,
    type: 'chat',
    id,
    chatState: state,
    processingHints: { noCopy: true, noStore: true, noPermanentStore: true },
    privateCarbon: true,
  };
}

export function toPresenceStanza(
  { show, status }: OwnPresence,
  capabilities: Stanzas.LegacyEntityCaps[],
): Stanzas.Presence {
  return {
    legacyCapabilities: capabilities,
    ...(show === undefined ? {} : { show }),
    ...(status === undefined ? {} : { status: toXmlText(status) }),
  };
}
