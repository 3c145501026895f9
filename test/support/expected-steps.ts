// SPDX-License-Identifier: GPL-3.0-or-later
import type { SessionInput } from '#otr/session/input.ts';

import type { AnsweringBody, FixedBody } from './session-bodies.ts';
import type { SituationName } from './session-states.ts';

/** Everything that can happen, by name: each input of a session, and each kind of body received. */
export type InputName =
  | Exclude<SessionInput['tag'], 'receive'>
  | FixedBody
  | AnsweringBody
  | 'a Non-Interactive-Auth'
  | 'a Non-Interactive-Auth for another client'
  | 'a Non-Interactive-Auth with its prekey';

/**
 * Where it leads and what it tells. `=` is the very same object; otherwise the message state (P plain,
 * E encrypted, F finished) and the key exchange beside it (R waits for Auth-R, I for Auth-I).
 */
type Cells = readonly [
  plaintext: string,
  waitingAuthR: string,
  waitingAuthI: string,
  encrypted: string,
  refreshing: string,
  answeringRefresh: string,
  finished: string,
];

/** The states in the order of the cells. */
export const COLUMNS: readonly SituationName[] = [
  'plaintext',
  'waiting-auth-r',
  'waiting-auth-i',
  'encrypted',
  'encrypted, refreshing',
  'encrypted, answering a refresh',
  'finished',
];

const everywhere = (cell: string): Cells => [cell, cell, cell, cell, cell, cell, cell];

/** In the states without a session it says one thing, beside a live one others. */
const inSession = (otherwise: string, ...[plain, refreshing, answering]: Live): Cells => [
  otherwise,
  otherwise,
  otherwise,
  plain,
  refreshing,
  answering,
  otherwise,
];
type Live = readonly [encrypted: string, refreshing: string, answeringRefresh: string];

const UNEXPECTED = '= ignored:unexpected';

/** Only who sent an Identity message looks at an Auth-R. */
const toInitiator = (cell: string, refreshing = cell): Cells => [
  UNEXPECTED,
  cell,
  UNEXPECTED,
  UNEXPECTED,
  refreshing,
  UNEXPECTED,
  UNEXPECTED,
];

/** Only who sent an Auth-R looks at an Auth-I. */
const toResponder = (cell: string): Cells => [
  UNEXPECTED,
  UNEXPECTED,
  cell,
  UNEXPECTED,
  UNEXPECTED,
  cell,
  UNEXPECTED,
];

const unlessFinished = (cell: string, finished: string): Cells => [
  cell,
  cell,
  cell,
  cell,
  cell,
  cell,
  finished,
];

/** OTRv4 "The Protocol State Machine", whole, with the key exchange beside the message state. */
export const EXPECTED: Readonly<Record<InputName, Cells>> = {
  // What the user, or the clock, does.
  start: [
    'PR starting transmit',
    'PR transmit',
    'PR starting transmit',
    'ER starting transmit',
    'ER transmit',
    'ER starting transmit',
    'FR starting transmit',
  ],
  'start-offline': inSession(
    'E transmit established',
    'E transmit transmit established',
    'E transmit transmit established',
    'E transmit transmit established',
  ),
  cancel: [
    '= ignored:nothing-to-do',
    'P start-failed',
    'P start-failed',
    '= ignored:nothing-to-do',
    'E start-failed',
    'E start-failed',
    '= ignored:nothing-to-do',
  ],
  end: [
    '= ignored:nothing-to-do',
    'P -',
    'P -',
    'P transmit ended',
    'P transmit ended',
    'P transmit ended',
    'P ended',
  ],
  tick: everywhere('= ignored:nothing-to-do'),
  // The last word was ours in each of the live sessions.
  prepare: everywhere('= ignored:nothing-to-do'),
  send: ['= refused', 'PR held', 'PI held', 'E transmit sent', 'ER held', 'EI held', '= refused'],
  'send-plain': [
    '= transmit',
    '= refused',
    '= refused',
    '= refused',
    '= refused',
    '= refused',
    '= refused',
  ],
  offer: inSession(
    '= transmit',
    '= ignored:not-allowed',
    '= ignored:not-allowed',
    '= ignored:not-allowed',
  ),
  'extra-keys': inSession('= refused', 'E transmit extra-keys', '= refused', '= refused'),
  'smp-start': inSession(
    '= smp-unavailable',
    'E transmit smp-progress',
    'ER transmit smp-progress',
    'EI transmit smp-progress',
  ),
  'smp-answer': everywhere('= smp-unavailable'),
  'smp-abort': inSession(
    '= ignored:nothing-to-do',
    'E transmit smp-aborted',
    'ER transmit smp-aborted',
    'EI transmit smp-aborted',
  ),
  // In clear.
  'an empty body': everywhere('= ignored:nothing-to-do'),
  'plain text': everywhere('= plaintext'),
  'text with a tag of version 4': [
    'PR plaintext offer starting transmit',
    'PR plaintext offer transmit',
    'PR plaintext offer starting transmit',
    '= plaintext offer',
    '= plaintext offer',
    '= plaintext offer',
    '= plaintext offer',
  ],
  'text with a tag of version 3': [
    '= plaintext offer',
    '= plaintext offer',
    '= plaintext offer',
    '= plaintext offer version-rollback',
    '= plaintext offer version-rollback',
    '= plaintext offer version-rollback',
    '= plaintext offer version-rollback',
  ],
  'a query for 4': [
    'PR offer starting transmit',
    'PR offer transmit',
    'PR offer starting transmit',
    'ER offer starting transmit',
    'ER offer transmit',
    'ER offer starting transmit',
    'FR offer starting transmit',
  ],
  'a query for 3 and 4': [
    'PR offer starting transmit',
    'PR offer transmit',
    'PR offer starting transmit',
    'ER offer starting transmit',
    'ER offer transmit',
    'ER offer starting transmit',
    'FR offer starting transmit',
  ],
  'a query for 3': [
    '= offer',
    '= offer',
    '= offer',
    '= offer version-rollback',
    '= offer version-rollback',
    '= offer version-rollback',
    '= offer version-rollback',
  ],
  'a query for nothing': everywhere('= offer'),
  'a known error': everywhere('= peer-error'),
  'an unknown error': everywhere('= ignored:unknown-error'),
  // Of no version, or of another.
  'garbage in armour': everywhere('= ignored:malformed'),
  'a type nobody knows': everywhere('= ignored:malformed'),
  'a prekey message': everywhere('= ignored:malformed'),
  'a D-H Commit of version 3': [
    '= offer',
    '= ignored:wrong-version',
    '= ignored:wrong-version',
    '= ignored:wrong-version',
    '= ignored:wrong-version',
    '= ignored:wrong-version',
    '= ignored:wrong-version',
  ],
  'a D-H Key of version 3': everywhere('= ignored:wrong-version'),
  'a Reveal Signature of version 3': everywhere('= ignored:wrong-version'),
  'a Signature of version 3': everywhere('= ignored:wrong-version'),
  'a data message of version 3': everywhere('= ignored:wrong-version'),
  'a message of version 3 that nobody knows': everywhere('= ignored:wrong-version'),
  'a fragment of version 3': everywhere('= ignored:wrong-version'),
  // In pieces.
  'the first fragment of two': [
    'P ignored:fragment',
    'PR ignored:fragment',
    'PI ignored:fragment',
    'E ignored:fragment',
    'ER ignored:fragment',
    'EI ignored:fragment',
    'F ignored:fragment',
  ],
  'a fragment for another client': everywhere('= ignored:not-for-us'),
  'a fragment of our own': everywhere('= ignored:reflected'),
  'a fragment that is none': everywhere('= ignored:invalid'),
  // Identity messages.
  'an Identity, new': [
    'PI starting transmit',
    'PI starting transmit',
    '= ignored:not-for-us',
    'EI starting transmit',
    'EI starting transmit',
    '= ignored:not-for-us',
    'FI starting transmit',
  ],
  'an Identity, new, naming us': [
    'PI starting transmit',
    'PI starting transmit',
    'PI transmit',
    'EI starting transmit',
    'EI starting transmit',
    'EI transmit',
    'FI starting transmit',
  ],
  'an Identity of another client': [
    'PI starting transmit',
    'PI starting transmit',
    '= ignored:not-for-us',
    'EI starting transmit',
    'EI starting transmit',
    '= ignored:not-for-us',
    'FI starting transmit',
  ],
  'an Identity of a stranger': [
    'PI starting transmit',
    'PR transmit',
    '= ignored:not-for-us',
    'E invitation',
    'ER invitation',
    '= ignored:not-for-us',
    'FI starting transmit',
  ],
  'an Identity of another time': [
    'PI starting transmit',
    'PI starting transmit',
    '= ignored:not-for-us',
    'EI starting transmit',
    'EI starting transmit',
    '= ignored:not-for-us',
    'FI starting transmit',
  ],
  'an Identity for another client': everywhere('= ignored:not-for-us'),
  'an Identity under our own tag': everywhere('= ignored:reflected'),
  'an Identity that is not genuine': [
    '= ignored:invalid',
    '= ignored:invalid',
    '= ignored:not-for-us',
    '= ignored:invalid',
    '= ignored:invalid',
    '= ignored:not-for-us',
    '= ignored:invalid',
  ],
  'the Identity answered last': [
    'PI starting transmit',
    'PI starting transmit',
    '= ignored:duplicate',
    '= ignored:duplicate',
    '= ignored:duplicate',
    'EI transmit',
    '= ignored:duplicate',
  ],
  'the Identity answered last, naming us': [
    'PI starting transmit',
    'PI starting transmit',
    'PI transmit',
    '= ignored:duplicate',
    '= ignored:duplicate',
    'EI transmit',
    '= ignored:duplicate',
  ],
  // Auth-R messages.
  'an Auth-R of another time': toInitiator('= ignored:invalid'),
  'the Auth-R': toInitiator('E transmit established'),
  'the Auth-R, not genuine': toInitiator('= ignored:invalid'),
  'the Auth-R, from another client': toInitiator('= ignored:invalid', '= ignored:foreign-tag'),
  'the Auth-R, for another client': toInitiator('= ignored:not-for-us'),
  // Auth-I messages.
  'an Auth-I of another time': toResponder('= ignored:invalid'),
  'the Auth-I': toResponder('E established'),
  'the Auth-I, not genuine': toResponder('= ignored:invalid'),
  'the Auth-I, from another client': toResponder('= ignored:foreign-tag'),
  'the Auth-I, for another client': toResponder('= ignored:not-for-us'),
  // Data messages.
  'a data message of another session': [
    'P transmit unreadable',
    'PR transmit unreadable',
    'PI ignored:early',
    'E transmit unreadable',
    'ER transmit unreadable',
    'EI ignored:early',
    'F transmit unreadable',
  ],
  'a data message of another session, silent': [
    '= ignored:unreadable',
    '= ignored:unreadable',
    'PI ignored:early',
    '= ignored:unreadable',
    '= ignored:unreadable',
    'EI ignored:early',
    '= ignored:unreadable',
  ],
  'a data message of another client': [
    'P transmit unreadable',
    'PR transmit unreadable',
    'PI transmit unreadable',
    'E transmit ignored:foreign-tag',
    'ER transmit ignored:foreign-tag',
    'EI transmit ignored:foreign-tag',
    'F transmit unreadable',
  ],
  'a data message for another client': everywhere('= ignored:not-for-us'),
  'a data message under our own tag': everywhere('= ignored:reflected'),
  'a Disconnected of another session': [
    '= ignored:unreadable',
    '= ignored:unreadable',
    'PI ignored:early',
    '= ignored:unreadable',
    '= ignored:unreadable',
    'EI ignored:early',
    '= ignored:unreadable',
  ],
  'the next data message': [
    'P transmit unreadable',
    'PR transmit unreadable',
    'PI ignored:early',
    'E message',
    'ER message',
    'EI message',
    'F transmit unreadable',
  ],
  'the next data message, not genuine': [
    'P transmit unreadable',
    'PR transmit unreadable',
    'PI ignored:early',
    'E transmit unreadable',
    'ER transmit unreadable',
    'EI transmit unreadable',
    'F transmit unreadable',
  ],
  'the next data message in one fragment': [
    'P transmit unreadable',
    'PR transmit unreadable',
    'PI ignored:early',
    'E message',
    'ER message',
    'EI message',
    'F transmit unreadable',
  ],
  'the data message read last': [
    'P transmit unreadable',
    'PR transmit unreadable',
    'PI ignored:early',
    '= ignored:duplicate',
    '= ignored:duplicate',
    '= ignored:duplicate',
    'F transmit unreadable',
  ],
  'the Disconnected': [
    '= ignored:unreadable',
    '= ignored:unreadable',
    'PI ignored:early',
    'F ended',
    'FR ended',
    'FI ended',
    '= ignored:unreadable',
  ],
  // Non-Interactive-Auth messages.
  'a Non-Interactive-Auth that is none': unlessFinished(
    '= ignored:invalid',
    '= ignored:unexpected',
  ),
  'a Non-Interactive-Auth': [
    'P prekey-wanted',
    'PR prekey-wanted',
    'PI prekey-wanted',
    'E prekey-wanted',
    'ER prekey-wanted',
    'EI prekey-wanted',
    '= ignored:unexpected',
  ],
  'a Non-Interactive-Auth for another client': unlessFinished(
    '= ignored:not-for-us',
    '= ignored:unexpected',
  ),
  'a Non-Interactive-Auth with its prekey': unlessFinished(
    'E prekey-used established',
    '= ignored:unexpected',
  ),
};
