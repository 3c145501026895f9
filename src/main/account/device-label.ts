// SPDX-License-Identifier: GPL-3.0-or-later

/** OTRv4 over XMPP: a label is shorter than 54 code points. */
const MAX_CODE_POINTS = 53;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** What a device may call itself: anyone who knows the address can read it. */
export const cleanLabel = (label: string): string =>
  Array.from(label.replace(INVISIBLE, '').trim()).slice(0, MAX_CODE_POINTS).join('').trim();
