// SPDX-License-Identifier: GPL-3.0-or-later

/** The XEP draft recommends labels shorter than 54 code points. @see xep X-12 */
export const MAX_LABEL_CODE_POINTS = 53;

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
/** UTF-16 units that are looked at: a label of others may be as long as an attribute. */
const MAX_UNITS = 1024;

/** What a device may call itself: anyone who knows the address can read it. Empty: no label. */
export const cleanLabel = (label: string): string =>
  Array.from(label.slice(0, MAX_UNITS).replace(INVISIBLE, '').trim())
    .slice(0, MAX_LABEL_CODE_POINTS)
    .join('')
    .trim();
