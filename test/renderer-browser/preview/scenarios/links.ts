// SPDX-License-Identifier: GPL-3.0-or-later

import type { ContactView } from '../../../../src/shared/model/contact.ts';
import type { LinkView } from '../../../../src/shared/model/link.ts';
import { ok } from '../../../../src/shared/std/result.ts';
import { mainOf } from '../main-of.ts';
import { appView, contactViews, jid } from '../sample.ts';
import type { Scenario, Scenarios } from '../scenario.ts';

const HEX = 'C0FFEE42'.repeat(14);
const [known] = contactViews as readonly [ContactView, ...ContactView[]];

const opened = (link: LinkView['link'], more: Partial<Scenario> = {}): Scenario => ({
  client: () => mainOf({ answers: { 'link.view': () => ok({ id: 1, link }) } }),
  ...more,
});

const contact = (
  more: Partial<Extract<LinkView['link'], { tag: 'contact' }>> = {},
): Extract<LinkView['link'], { tag: 'contact' }> => ({
  tag: 'contact',
  jid: known.jid,
  as: undefined,
  action: { tag: 'chat' },
  code: undefined,
  ...more,
});

const LONG = 'See you at the third stair, and bring the book with the green cover. ';

export const scenarios: Scenarios = {
  message: opened(contact({ action: { tag: 'message', text: LONG.repeat(20).trim(), cut: true } })),
  add: opened(
    contact({
      jid: jid('someone.with.a.long.name@an-even-longer-server.example'),
      action: { tag: 'add', name: 'Someone', token: undefined },
      code: { version: 3, hex: HEX.slice(0, 40) },
    }),
  ),
  remove: opened(contact({ action: { tag: 'remove' } })),
  invited: {
    client: () =>
      mainOf({
        app: { ...appView, phase: { tag: 'no-account' } },
        answers: {
          'link.view': () =>
            ok({
              id: 1,
              link: { tag: 'register', domain: 'example.org', jid: undefined, token: 'T' },
            }),
        },
      }),
  },
};
