// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';

/** XEP-0202, section 2. stanza's own definition comes with a plugin that answers anybody. */
export const serverTime: JXT.DefinitionOptions = {
  element: 'time',
  namespace: 'urn:xmpp:time',
  path: 'iq.time',
  fields: { utc: JXT.childDate(null, 'utc') },
};
