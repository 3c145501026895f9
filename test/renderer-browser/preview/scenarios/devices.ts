// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationView } from '../../../../src/shared/model/conversation.ts';
import type { Delivery, MessageDevice } from '../../../../src/shared/model/timeline.ts';
import {
  allowedPhone,
  chatWith,
  laptop,
  Script,
  verifiedLaptop,
  verifiedPhone,
  viewOf,
} from '../conversation-sample.ts';
import { settingsView, today } from '../sample.ts';
import type { Scenario, Scenarios } from '../scenario.ts';

type Then = NonNullable<Scenario['then']>;

const chat = (view: ConversationView, script: Script, then?: Then): Scenario => ({
  client: () => chatWith(view, script.items),
  route: { name: 'chat', params: { id: view.id } },
  then: async (context) => {
    context.client.emit('app.command', 'toggle-panel');
    await then?.(context);
  },
});

const at = (label: string, delivery: Delivery): MessageDevice => ({
  name: { label, instanceTag: label === 'Laptop' ? 'c45b041c' : '7c91e4ce' },
  delivery,
});
const toBoth = (phone: Delivery) => [at('Laptop', 'delivered'), at('Phone', phone)];

const verified = { protection: 'verified', devices: [at('Laptop', 'delivered')] } as const;
const unverified = { protection: 'unverified', devices: toBoth('delivered') } as const;

const mixedScript = (): Script =>
  new Script()
    .line('14:02', 'start')
    .tell('14:02', { name: 'started', verified: true, device: 'Laptop' })
    .say('out', '14:02', 'The box has the 1987 letters in it, all of them.', verified)
    .tell('14:04', { name: 'joined', verified: false, device: 'Phone' })
    .tell('14:05', { name: 'device-allowed', device: 'Phone' })
    .say('out', '14:06', 'Are you on the train by now?', unverified)
    .say('in', '14:07', 'Yes, on the phone from here on.', {
      protection: 'unverified',
      devices: [at('Phone', 'delivered')],
    });

const twoScript = (): Script =>
  mixedScript()
    .tell('14:09', { name: 'verified', device: 'Phone', method: 'code' })
    .say('out', '14:10', 'Thursday then.', { protection: 'verified', devices: toBoth('failed') })
    .say('out', '14:11', 'Platform 4.', { protection: 'verified', devices: toBoth('unconfirmed') })
    .say('out', '14:12', 'And bring the envelopes.', {
      protection: 'verified',
      devices: toBoth('held'),
    });

const newPhone = {
  name: { label: 'Phone', instanceTag: '7c91e4ce' },
  firstSeenAt: today(9, 12),
  blocked: false,
  nickname: undefined,
  announcedAs: undefined,
};
const allowedTablet = {
  ...allowedPhone,
  name: { label: 'Tablet', instanceTag: '11223344' },
  live: false,
};
const rules = { ...settingsView.rules, verifiedOnly: true };
const both = viewOf('verified', {
  devices: [verifiedLaptop, { ...verifiedPhone, live: true, inChat: true }],
  audience: { devices: 2, verified: 2, unverified: [] },
  rules,
});

export const scenarios: Scenarios = {
  mixed: chat(viewOf('mixed', { rules }), mixedScript()),
  'mixed-several': chat(
    viewOf('mixed', {
      rules,
      devices: [verifiedLaptop, allowedPhone, allowedTablet],
      audience: { devices: 3, verified: 1, unverified: [allowedPhone.name, allowedTablet.name] },
    }),
    mixedScript(),
  ),
  menu: chat(
    viewOf('mixed', {
      rules,
      devices: [
        verifiedLaptop,
        {
          ...allowedPhone,
          name: { ...allowedPhone.name, label: 'On the road' },
          nickname: 'On the road',
          announcedAs: 'Phone',
        },
      ],
    }),
    mixedScript(),
    ({ click }) => click('.device:nth-of-type(2) button'),
  ),
  'send-to': chat(
    {
      ...both,
      sendTo: { rule: 'chosen', device: verifiedPhone.name },
      audience: { devices: 1, verified: 1, unverified: [] },
    },
    twoScript().tell('14:13', { name: 'send-to', rule: 'chosen', device: 'Phone' }),
  ),
  kinds: chat(
    viewOf('verified', {
      devices: [
        verifiedLaptop,
        { ...verifiedPhone, name: { label: 'Phone', instanceTag: '9d20e1b7', shared: true } },
        { ...verifiedPhone, name: { label: 'Tablet', instanceTag: '11223344' }, unlisted: true },
        {
          ...laptop,
          name: { label: undefined, instanceTag: '33334444' },
          live: false,
          blocked: true,
        },
      ],
      announced: [
        { ...newPhone, name: { ...newPhone.name, shared: true } },
        { ...newPhone, name: { label: 'Kiosk', instanceTag: '55556666' }, blocked: true },
      ],
      rules,
    }),
    mixedScript(),
  ),
  'new-device': chat(
    viewOf('verified', {
      devices: [verifiedLaptop, { ...allowedPhone, allowed: false }],
      newDevices: [newPhone],
      rules,
    }),
    mixedScript(),
  ),
};
