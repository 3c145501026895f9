// SPDX-License-Identifier: GPL-3.0-or-later

/** What is said on the record: the server may read it, and the check expects that it could. */
export const ON_THE_RECORD = {
  bob: 'Did the letters from 1987 turn up?',
  alice: 'Of course. Can we talk about it properly?',
} as const;

/** What must be nowhere but on the two screens. */
export const OFF_THE_RECORD = {
  held: 'The box has the 1987 letters in it, all of them.',
  reply: 'All of them? Then the third one is in there too. Don’t copy anything yet.',
  verified: 'So it is really you. Who else knows?',
  last: 'Only the archivist. I told her we would call back on Thursday.',
  unsent: 'And what about the photographs?',
} as const;

/** What is written to somebody who is away: the servers keep it for them, and cannot read it. */
export const WHILE_AWAY = {
  alice: 'The archivist called. The third letter is real.',
  bob: 'Then it is true. I take the night train.',
  live: 'I will be on the platform at six.',
} as const;

/** The questions travel encrypted too; only the answers are never sent at all. */
export const VERIFICATION = {
  aliceAsks: 'Where did we first meet?',
  bobAnswers: 'lisbon central station',
  bobAsks: 'Which book did I lend you?',
  aliceAnswers: 'the glass bead game',
} as const;

export const secrets: readonly string[] = [
  ...Object.values(OFF_THE_RECORD),
  ...Object.values(WHILE_AWAY),
  ...Object.values(VERIFICATION),
];
