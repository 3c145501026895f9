// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * What stands percent-encoded in a URI, or in an IRI, where it may also stand as it is.
 * @returns undefined for a percent sign that encodes nothing, or octets that are no UTF-8
 */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

// What encodeURIComponent leaves alone, although RFC 3986 reserves it.
const RESERVED_LEFT = /[!'()*]/g;

export const encodePercent = (text: string): string =>
  encodeURIComponent(text).replace(
    RESERVED_LEFT,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
