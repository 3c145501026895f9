// SPDX-License-Identifier: GPL-3.0-or-later

/** Eight lower-case hexadecimal digits: how an instance tag is written everywhere. @see xep S-01 */
export const formatTag = (tag: number): string => tag.toString(16).padStart(8, '0');
