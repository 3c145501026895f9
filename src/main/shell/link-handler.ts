// SPDX-License-Identifier: GPL-3.0-or-later

import type { App } from 'electron';

/** Whether the system opens `xmpp:` links with us. Only the user's wish changes it. */
export interface LinkHandler {
  readonly isOurs: () => boolean;
  readonly set: (on: boolean) => void;
}

const SCHEME = 'xmpp';

/** On Linux the system finds us by resources/linux/sotto.desktop, on macOS by the bundle. */
export const createLinkHandler = (app: App): LinkHandler => ({
  isOurs: () => app.isDefaultProtocolClient(SCHEME),
  set: (on) => {
    if (on) app.setAsDefaultProtocolClient(SCHEME);
    else app.removeAsDefaultProtocolClient(SCHEME);
  },
});
