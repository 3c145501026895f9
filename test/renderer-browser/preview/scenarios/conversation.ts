// SPDX-License-Identifier: GPL-3.0-or-later

import type { CodeReading } from '../../../../src/shared/model/link.ts';
import { ok } from '../../../../src/shared/std/result.ts';
import type { MenuCommand } from '../../../../src/shared/ipc/commands.ts';
import type { ConversationView } from '../../../../src/shared/model/conversation.ts';
import type { MessageItem, TimelineItem } from '../../../../src/shared/model/timeline.ts';
import type { VerificationOutcome } from '../../../../src/shared/model/verification.ts';
import type { FakeClient } from '../../../support/fake-client.ts';
import {
  chatWith,
  laptop,
  longHistory,
  plainScript,
  Script,
  theirCode,
  verifiedLaptop,
  verifiedPhone,
  viewOf,
} from '../conversation-sample.ts';
import { settingsView, today } from '../sample.ts';
import type { Scenario, Scenarios } from '../scenario.ts';

/** Lets a test in the browser speak for main. */
function withinReach(client: FakeClient): FakeClient {
  Reflect.set(globalThis, 'fakeMain', client);
  return client;
}

const chat = (
  view: ConversationView,
  items: readonly TimelineItem[],
  then?: Scenario['then'],
): Scenario => ({
  client: () => withinReach(chatWith(view, items)),
  route: { name: 'chat', params: { id: view.id } },
  ...(then === undefined ? {} : { then }),
});

const openPanel: Scenario['then'] = ({ client }) => {
  client.emit('app.command', 'toggle-panel');
};

/** The chat is on screen before its commands mean anything. */
const command =
  (name: MenuCommand): Scenario['then'] =>
  async ({ client, click }) => {
    await click('main h1');
    client.emit('app.command', name);
  };

const write =
  (text: string): Scenario['then'] =>
  ({ type }) =>
    type('textarea', text);

const unverified = { protection: 'unverified' } as const;
const verified = { protection: 'verified' } as const;
const held: Partial<MessageItem> = { delivery: 'held' };
const ended: Partial<MessageItem> = { protection: 'verified', ended: true };

const unverifiedScript = (): Script =>
  plainScript()
    .line('14:02', 'start')
    .tell('14:02', { name: 'started', verified: false, device: 'Laptop' })
    .say('out', '14:02', 'The box has the 1987 letters in it, all of them.', unverified)
    .say('in', '14:03', 'All of them? Then the third one is in there too.', unverified)
    .say('in', '14:03', 'Don’t copy anything yet. Who else knows?', unverified)
    .say(
      'out',
      '14:04',
      'Only the archivist. I told her we would call back on Thursday.',
      unverified,
    )
    .say('in', '14:05', 'Good. Thursday then.', unverified);

const verifiedScript = (): Script =>
  new Script()
    .say('in', '14:01', 'Can we talk about it properly?')
    .say('out', '14:01', 'Of course.')
    .line('14:02', 'start')
    .say('out', '14:02', 'The box has the 1987 letters in it, all of them.', unverified)
    .say(
      'in',
      '14:03',
      'All of them? Then the third one is in there too. Don’t copy anything yet.',
      unverified,
    )
    .tell('14:08', { name: 'verified', device: 'Laptop', method: 'question' })
    .say('in', '14:09', 'So it is really you. Who else knows?', verified)
    .say(
      'out',
      '14:10',
      'Only the archivist. I told her we would call back on Thursday, and that nobody needs to open it before.',
      verified,
    )
    .say('in', '14:11', 'where are you? x', { plainInside: true })
    .say(
      'in',
      '14:12',
      'That was my old tablet, ignore it. I added the phone, check it when you have a minute.',
      verified,
    );

const endedScript = (): Script =>
  new Script()
    .say('in', '14:01', 'Yes, they found the box. I would rather not go into it here though.')
    .say('in', '14:01', 'Can we talk about it properly?')
    .say('out', '14:01', 'Of course.')
    .line('14:02', 'start')
    .say('in', '14:09', 'So it is really you. Who else knows?', ended)
    .say(
      'out',
      '14:10',
      'Only the archivist. I told her we would call back on Thursday, and that nobody needs to open it before.',
      ended,
    )
    .say('in', '14:31', 'Good. Then let me ask my sister first, she kept the envelopes.', ended)
    .say('out', '14:33', 'Take your time.', ended)
    .say('in', '14:54', 'Train is here. More on Thursday.', ended);

const startingScript = (): Script =>
  plainScript()
    .line('14:02', 'start')
    .say('out', '14:02', 'The box has the 1987 letters in it, all of them.', held);

const starting = viewOf('starting', { heldCount: 1, devices: [] });
const bothVerified = viewOf('verified', {
  devices: [verifiedLaptop, verifiedPhone],
  rules: { ...settingsView.rules, otr: 'whenever', verifiedOnly: true },
});
const newPhone = {
  name: { label: 'Phone', instanceTag: '7c91e4ce' },
  firstSeenAt: today(9, 12),
  blocked: false,
  nickname: undefined,
  announcedAs: undefined,
};
const changed = viewOf('key-changed', {
  devices: [{ ...laptop, trust: { tag: 'changed', why: 'other-key' } }],
  heldCount: 1,
});
const asked = viewOf('unverified', {
  verification: {
    tag: 'asked',
    question: 'Where did we first meet?',
    device: laptop.name,
    at: today(14, 6),
  },
});

const changedScript = (): Script =>
  plainScript()
    .line('14:02', 'start')
    .say('in', '14:31', 'Good. Then let me ask my sister first, she kept the envelopes.', verified)
    .say('out', '14:33', 'Take your time.', verified)
    .tell('15:20', { name: 'key-changed', device: 'Laptop' })
    .say('out', '15:21', 'Did she find them?', held);

const waiting = (method: 'question' | 'code', code?: string) =>
  ({ tag: 'waiting', method, device: laptop.name, since: today(14, 6), code }) as const;

const result = (outcome: VerificationOutcome, paused = false) =>
  ({
    tag: 'result',
    outcome,
    method: 'question',
    device: laptop.name,
    at: today(14, 6),
    paused,
  }) as const;

const unverifiedChat = (more: Partial<ConversationView> = {}, then?: Scenario['then']) =>
  chat(viewOf('unverified', more), unverifiedScript().items, then);

const chooseWay =
  (index: number): Scenario['then'] =>
  async (context) => {
    await command('verify')?.(context);
    await context.click(`[role=tab]:nth-child(${String(index)})`);
  };

/** A code was pasted, and main has said what it means. */
const comparedBy = (reading: CodeReading): Scenario => ({
  client: () =>
    withinReach(
      chatWith(
        viewOf('unverified', { devices: [laptop, verifiedPhone] }),
        unverifiedScript().items,
        {
          answers: { 'verification.read-code': () => ok(reading) },
        },
      ),
    ),
  route: { name: 'chat', params: { id: viewOf('unverified').id } },
  then: async (context) => {
    await chooseWay(4)?.(context);
    await context.type('.paste input', 'C0FFEE42 '.repeat(14).trim());
    await context.click('.paste button');
    await context.click('.result p');
  },
});

export const scenarios: Scenarios = {
  plain: chat(viewOf('plain'), plainScript().items),
  'not-started': chat(viewOf('not-started', { heldCount: 0 }), []),
  'waiting-panel': chat(
    viewOf('waiting', {
      heldCount: 1,
      presence: 'offline',
      rules: { ...settingsView.rules, otr: 'always' },
    }),
    new Script()
      .tell('13:58', { name: 'plain-refused' })
      .say('out', '14:06', 'Here at eight?', held).items,
    openPanel,
  ),
  'fetching-keys': chat(
    viewOf('starting', {
      presence: 'offline',
      heldCount: 1,
      starting: { by: 'keys', since: 0, lastFailure: undefined },
    }),
    new Script().say('out', '14:06', 'Here at eight?', held).items,
  ),
  'offline-panel': chat(
    viewOf('offline-verified', { presence: 'offline' }),
    plainScript()
      // Held until there were keys: older than the line, and shown below it.
      .say('out', '14:05', 'Here at eight? Bring the third letter.', {
        ...verified,
        delivery: 'sent',
      })
      .line('14:05', 'start')
      .tell('14:05', { name: 'started-away', verified: true, device: 'Laptop' })
      .tell('14:05', { name: 'away-note' }).items,
    openPanel,
  ),
  'offline-unverified': chat(
    viewOf('offline-unverified', { presence: 'offline' }),
    new Script()
      .line('14:05', 'start')
      .tell('14:05', { name: 'started-away', verified: false, device: 'Laptop' })
      .tell('14:05', { name: 'not-announced', device: 'Laptop' })
      .say('out', '14:06', 'Here at eight?', { ...unverified, delivery: 'sent' }).items,
    openPanel,
  ),
  'written-while-away': chat(
    viewOf('unverified'),
    new Script()
      .line('14:05', 'start')
      .tell('14:05', { name: 'began-away', verified: false, device: 'Laptop' })
      .say('in', '14:05', 'Here at eight?', { ...unverified, writtenAt: today(9, 12) })
      .say('in', '14:05', 'Or at nine, if the train is late again.', {
        ...unverified,
        writtenAt: today(9, 13) - 86_400_000,
      })
      .say('out', '14:07', 'Nine is better.', { ...unverified, delivery: 'delivered' })
      .tell('14:07', { name: 'continued-live', verified: false }).items,
  ),
  'no-keys': chat(
    viewOf('waiting', {
      presence: 'offline',
      heldCount: 1,
      noKeys: 'no-prekeys',
      rules: { ...settingsView.rules, otr: 'always' },
    }),
    new Script().say('out', '14:06', 'Here at eight?', held).items,
  ),
  'no-keys-panel': chat(
    viewOf('waiting', { presence: 'offline', heldCount: 1, noKeys: 'server-key-changed' }),
    new Script().say('out', '14:06', 'Here at eight?', held).items,
    openPanel,
  ),
  typing: chat(viewOf('plain', { typing: true }), plainScript().items),
  'plain-panel': chat(viewOf('plain-available'), plainScript().items, openPanel),
  empty: chat(viewOf('plain'), []),
  starting: chat(starting, startingScript().items),
  'start-sheet': chat(
    viewOf('plain-available'),
    plainScript().items,
    command('start-off-the-record'),
  ),
  'no-answer-yet': chat(
    { ...starting, starting: { by: 'us', since: Date.now() - 45_000, lastFailure: undefined } },
    startingScript().items,
  ),
  declined: chat(
    viewOf('plain-available', {
      composer: 'hold',
      heldCount: 1,
      starting: { by: 'us', since: 0, lastFailure: 'declined' },
    }),
    plainScript()
      .tell('14:03', { name: 'declined-by-peer' })
      .say('out', '14:02', 'The box has the 1987 letters in it, all of them.', held).items,
  ),
  invitation: chat(
    viewOf('plain-available', {
      invitation: { at: today(14, 2), device: laptop.name, isStrange: false },
    }),
    plainScript().items,
    write('I am listen'),
  ),
  'invitation-from-another': chat(
    viewOf('verified', {
      devices: [verifiedLaptop],
      invitation: { at: today(14, 2), device: verifiedPhone.name, isStrange: true },
    }),
    verifiedScript().items,
  ),
  'invitation-after-the-end': chat(
    viewOf('ended-by-peer', {
      devices: [{ ...verifiedLaptop, live: false, inChat: false }],
      invitation: { at: today(14, 56), device: verifiedPhone.name, isStrange: true },
    }),
    endedScript().tell('14:55', { name: 'ended-by-peer' }).line('14:55', 'end').items,
  ),
  unverified: unverifiedChat({}, openPanel),
  'unverified-chat': unverifiedChat(),
  verified: chat(bothVerified, verifiedScript().items, async (context) => {
    await openPanel(context);
    await context.type('textarea', 'I will call from the station');
  }),
  'verified-chat': chat(bothVerified, verifiedScript().items),
  'verified-only': unverifiedChat({
    composer: 'locked',
    rules: { ...settingsView.rules, verifiedOnly: true },
  }),
  ended: chat(
    viewOf('ended-by-peer'),
    endedScript().tell('14:55', { name: 'ended-by-peer' }).line('14:55', 'end').items,
    write('One more thing about the third letter:'),
  ),
  expired: chat(
    viewOf('expired'),
    endedScript().tell('14:55', { name: 'expired' }).line('14:55', 'end').items,
  ),
  removed: chat(
    viewOf('plain-available', { offTheRecordCount: 0 }),
    plainScript()
      .tell('14:55', { name: 'ended-by-us', removed: 12 })
      .line('14:55', 'end')
      .tombstone('14:55', 12)
      .say('in', '15:10', 'Did it work?').items,
  ),
  interrupted: chat(
    viewOf('interrupted', { heldCount: 1 }),
    unverifiedScript()
      .say('out', '14:06', 'This one did not arrive', { ...unverified, delivery: 'failed' })
      .tell('14:06', { name: 'unreadable', count: 3 })
      .tell('14:06', { name: 'interrupted' })
      .say('out', '14:07', 'Are you there?', held).items,
  ),
  unconfirmed: chat(
    viewOf('unverified'),
    unverifiedScript()
      .say('out', '14:06', 'Platform 4, by the clock.', { ...unverified, delivery: 'sent' })
      .say('out', '14:07', 'I bring the third letter', { ...unverified, delivery: 'unconfirmed' })
      .say('out', '14:07', 'Or the fourth?', { ...unverified, delivery: 'failed' }).items,
  ),
  changed: chat(changed, changedScript().items),
  'changed-panel': chat(changed, changedScript().items, openPanel),
  'cannot-encrypt': chat(
    viewOf('cannot-encrypt', { rules: { ...settingsView.rules, otr: 'always' } }),
    plainScript().items,
    write('I would rather not say this in clear'),
  ),
  'confirm-unencrypted': chat(viewOf('ended-by-peer'), endedScript().items, async ({ click }) => {
    await click('.dock .card .actions button:nth-child(2)');
  }),
  'end-sheet': unverifiedChat({ heldCount: 2 }, command('end-off-the-record')),
  details: unverifiedChat({}, async (context) => {
    await openPanel(context);
    await context.click('.panel header button:nth-of-type(2)');
    await context.click('[role=menuitem]:nth-child(2)');
  }),
  asked: chat(asked, unverifiedScript().items, write('Hm')),
  'asked-answer': chat(asked, unverifiedScript().items, ({ click }) =>
    click('.dock .card .actions button'),
  ),
  'asked-hostile': chat(
    {
      ...asked,
      verification: {
        tag: 'asked',
        question: '<b>What is your password?</b> \u202eevil\u202c '.repeat(12).slice(0, 300),
        device: { label: '‮pottaL <img src=x>', instanceTag: 'c45b041c' },
        at: today(14, 6),
      },
    },
    unverifiedScript().items,
  ),
  'verify-code': unverifiedChat({ verification: waiting('code', '482913') }, command('verify')),
  'verify-code-before': unverifiedChat({}, chooseWay(1)),
  'verify-question': unverifiedChat({}, async (context) => {
    await chooseWay(2)?.(context);
    await context.type('.question input', 'Where did we first meet?');
    await context.click('.pill');
    await context.type('.answer input', 'lisbon');
  }),
  'verify-secret': unverifiedChat({}, chooseWay(3)),
  compare: unverifiedChat({}, chooseWay(4)),
  'compare-match': comparedBy({ tag: 'match' }),
  'compare-different': comparedBy({ tag: 'different' }),
  'compare-other': comparedBy({ tag: 'match-other', device: verifiedPhone.name }),
  'waiting-question': unverifiedChat({ verification: waiting('question') }, openPanel),
  'waiting-code': unverifiedChat({ verification: waiting('code', '482913') }, openPanel),
  matched: chat(
    { ...bothVerified, verification: result('matched-asked') },
    verifiedScript().items,
    openPanel,
  ),
  'matched-answered': unverifiedChat({ verification: result('matched-answered') }, openPanel),
  mismatch: unverifiedChat({ verification: result('mismatch') }, openPanel),
  'mismatch-paused': unverifiedChat({ verification: result('mismatch', true) }, openPanel),
  'mismatch-verified': chat(
    { ...bothVerified, verification: result('mismatch-verified') },
    verifiedScript().items,
    openPanel,
  ),
  'asked-by-other': chat(
    viewOf('unverified', {
      devices: [
        laptop,
        { ...verifiedPhone, trust: { tag: 'unverified' }, firstSeenAt: today(9, 12) },
      ],
      verification: {
        tag: 'asked',
        question: 'Where did we meet?',
        device: verifiedPhone.name,
        at: today(14, 6),
      },
    }),
    unverifiedScript().tell('14:05', { name: 'asks-too-often' }).items,
  ),
  cheated: unverifiedChat({ verification: result('cheated') }, openPanel),
  long: chat(viewOf('plain'), longHistory(5000)),
  'rtl-names': chat(
    viewOf('unverified', {
      name: 'ليلى حدّاد',
      devices: [{ ...laptop, name: { label: 'حاسوب', instanceTag: 'c45b041c' } }],
    }),
    plainScript()
      .line('14:02', 'start')
      .tell('14:02', { name: 'started', verified: false, device: 'حاسوب' })
      .say('out', '14:02', 'في الصندوق رسائل عام 1987 كلها.', unverified)
      .say('in', '14:03', 'كلها؟ إذًا الرسالة الثالثة موجودة أيضًا. لا تنسخ شيئًا بعد.', unverified)
      .say('in', '14:03', 'اكتب لي على laila@example.org بعد قليل', unverified).items,
    openPanel,
  ),
  'very-long': chat(
    viewOf('plain', { name: 'Bartholomew Featherstonehaugh-Cholmondeley of the Northern Office' }),
    [
      ...plainScript().items,
      ...new Script().say('in', '15:00', 'long words '.repeat(100_000)).items.map((item) => ({
        ...item,
        id: 'p900' as typeof item.id,
      })),
    ],
  ),
  'new-device': chat(
    viewOf('verified', {
      announced: [newPhone],
      newDevices: [newPhone],
    }),
    verifiedScript().items,
    openPanel,
  ),
  many: chat(
    viewOf('unverified', {
      devices: Array.from({ length: 60 }, (_, index) => ({
        ...laptop,
        live: index === 0,
        code: theirCode,
        name: {
          label: `Laptop ${String(index % 7)}`,
          instanceTag: (0x10000 + index).toString(16).padStart(8, '0'),
        },
      })),
    }),
    unverifiedScript().items,
    openPanel,
  ),
};
