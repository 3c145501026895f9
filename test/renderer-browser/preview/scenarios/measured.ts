// SPDX-License-Identifier: GPL-3.0-or-later

import { chatWith, longHistory, viewOf } from '../conversation-sample.ts';
import type { Scenarios } from '../scenario.ts';

const closed = (messages: number) => ({
  client: () => {
    const client = chatWith(viewOf('plain'), longHistory(messages));
    Reflect.set(globalThis, 'fakeMain', client);
    return client;
  },
});

/** Chats that are not open yet, for `npm run bench`. */
export const scenarios = {
  '500': closed(500),
  '100000': closed(100_000),
} satisfies Scenarios;
