// SPDX-License-Identifier: GPL-3.0-or-later

import { JXT } from 'stanza';

declare module 'stanza/protocol' {
  interface Message {
    /** XEP-0280, section 6: this message is not to be copied to other devices. */
    privateCarbon?: boolean;
  }
}

/** Unknown to stanza, which would drop it. */
export const privateCarbon = JXT.extendMessage({
  privateCarbon: JXT.childBoolean('urn:xmpp:carbons:2', 'private'),
});
