// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import type { Services } from './services.ts';

export const linkHandlers = ({ links, linkHandler }: Services): HandlersOf<'link'> => ({
  'link.handler': () => linkHandler.isOurs(),
  'link.open': ({ text }) => {
    links.open(text);
    return undefined;
  },
  'link.set-handler': ({ on }) => {
    linkHandler.set(on);
    return linkHandler.isOurs();
  },
  'link.settle': ({ id }) => {
    links.settle(id);
    return undefined;
  },
  'link.view': () => links.view(),
});
