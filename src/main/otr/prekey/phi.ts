// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Shared Session State": who publishes, and where.

import { concat, encodeData, encodeUtf8 } from '../bytes.ts';

/** The two ends of a prekey exchange: bare addresses, normalised as the XMPP server delivers them. */
export interface PrekeyEnds {
  readonly publisherJid: string;
  readonly serverJid: string;
}

/**
 * phi = DATA(publisher's bare JID) || DATA(server's bare JID), always in this order: the sentence
 * about sorting comes from OTRv4, and contradicts the formula and both examples (ADR 0023).
 *
 * @see Prekey Server "Shared Session State"
 */
export function encodePrekeyPhi({ publisherJid, serverJid }: PrekeyEnds): Uint8Array {
  return concat(encodeData(encodeUtf8(publisherJid)), encodeData(encodeUtf8(serverJid)));
}
