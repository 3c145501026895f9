// SPDX-License-Identifier: GPL-3.0-or-later

/** Characters that XML 1.0 (section 2.2) does not allow in any form, and lone surrogates. */
const ILLEGAL =
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const REPLACEMENT = '\ufffd';

/**
 * Makes text fit for a stanza: one forbidden character would end the whole stream. Each is replaced by
 * U+FFFD, so that the reader sees that something stood there.
 */
export function toXmlText(text: string): string {
  return text.replace(ILLEGAL, REPLACEMENT);
}
