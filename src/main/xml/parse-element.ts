// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';
import { scopeOf, settleNamespaces } from './namespaces.ts';

/** Stanza's parser leaves line ends as they come (XML 1.0, section 2.11). */
const LINE_END = /\r\n?/g;

/**
 * One element that the guard has cut and passed, as every reader of XML sees it: what might be read in
 * another way elsewhere is undefined, as is what cannot be read.
 */
export function parseElement(xml: string, root?: JXT.XMLElement): JXT.XMLElement | undefined {
  try {
    const element = JXT.parse(xml.replaceAll(LINE_END, '\n'), { allowComments: false });
    if (root !== undefined) element.parent = root;
    const around = root === undefined ? undefined : scopeOf(root);
    return settleNamespaces(element, around) ? element : undefined;
  } catch {
    return undefined;
  }
}
