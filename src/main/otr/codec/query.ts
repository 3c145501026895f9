// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Query Messages": asking in clear for a conversation.

/** "?OTRv34?" wherever it stands; also "?OTR?v34?", which the XMPP draft prints. */
const QUERY = /\?OTR\??v([^?\s]{0,16})\?/;

/**
 * The versions a Query message offers, in the order given; "" is an offer of none, which gets no
 * answer. Undefined when `body` holds no query.
 *
 * @see OTRv4 "Query Messages"
 */
export function findQuery(body: string): string | undefined {
  return QUERY.exec(body)?.[1];
}

/**
 * @param versions such as "4" or "34"
 * @param explanation for people whose client knows no OTR; must name nobody
 */
export function formatQuery(versions: string, explanation = ''): string {
  const query = `?OTRv${versions}?`;
  return explanation === '' ? query : `${query} ${explanation}`;
}
