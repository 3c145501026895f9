// SPDX-License-Identifier: GPL-3.0-or-later
import type { CodePlace } from './code-place.ts';

/** What a field may hold: a number, a yes or no, a place in our code, or one of these words. */
export type FieldKind = 'number' | 'boolean' | 'place' | readonly [string, ...string[]];

type Declarations = Readonly<Record<string, Readonly<Record<string, FieldKind>>>>;

const connectionFailure = [
  'auth-failed',
  'not-allowed',
  'server-not-proved',
  'no-mechanism',
  'no-network',
  'no-such-host',
  'refused',
  'timeout',
  'tls-untrusted',
  'tls-expired',
  'tls-name',
  'tls-failed',
  'no-tls',
  'not-xmpp',
  'unknown-domain',
  'conflict',
  'server-closed',
  'server-busy',
  'lost',
] as const;

/**
 * Everything that may ever be written to a log. What is not declared here cannot be logged, and
 * there is no kind of field for free text: no address, no name, no word of anybody gets in.
 */
export const logEvents = {
  'app.started': { electron: 'boolean', startUpMs: 'number' },
  'app.quit': { offTheRecordChats: 'number' },
  'account-failed': { kind: ['error', 'type-error', 'range-error', 'sqlite'], place: 'place' },
  bug: { kind: ['error', 'type-error', 'range-error', 'sqlite'], place: 'place' },
  'otr.input-ignored': { why: ['unexpected', 'not-for-us', 'malformed', 'too-much'] },
  'store.migrated': { from: 'number', to: 'number', ms: 'number' },
  'store.opened': { ms: 'number' },
  'store.refused': {
    reason: [
      'missing',
      'not-a-file',
      'truncated',
      'not-encrypted',
      'foreign',
      'key-refused',
      'damaged',
      'newer',
      'read-only',
      'in-use',
      'unreadable',
    ],
  },
  'turn-failed': { kind: ['error', 'type-error', 'range-error', 'sqlite'], place: 'place' },
  'vault.refused': {
    reason: [
      'missing',
      'exists',
      'damaged',
      'newer',
      'passphrase-needed',
      'passphrase-wrong',
      'wait',
      'keyring-unavailable',
      'keyring-refused',
      'backend-changed',
      'not-writable',
    ],
  },
  'xmpp.carbons-unavailable': {},
  'xmpp.failed': { reason: connectionFailure },
  'xmpp.login': {
    mechanism: [
      'SCRAM-SHA-512-PLUS',
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-512',
      'SCRAM-SHA-256',
      'SCRAM-SHA-1',
      'PLAIN',
    ],
  },
  'xmpp.ready': { resumed: 'boolean' },
  'xmpp.registration': {
    outcome: [
      'registered',
      'conflict',
      'not-allowed',
      'needs-form',
      'invitation-refused',
      'not-acceptable',
      'failed',
    ],
  },
  'xmpp.roster-unavailable': {},
  'xmpp.waiting': { reason: connectionFailure, attempt: 'number' },
} as const satisfies Declarations;

interface Kinds {
  readonly number: number;
  readonly boolean: boolean;
  readonly place: CodePlace;
}
type ValueOf<Kind> = Kind extends keyof Kinds
  ? Kinds[Kind]
  : Kind extends readonly string[]
    ? Kind[number]
    : never;

export type LogEventName = keyof typeof logEvents;
/** The fields of each event, as the declarations have them. */
export type LogEvents = {
  readonly [Event in LogEventName]: {
    readonly [Field in keyof (typeof logEvents)[Event]]: ValueOf<(typeof logEvents)[Event][Field]>;
  };
};

/** Compile-time guard: a word list whose words are not known makes this fail to compile. */
type IsOpen<T> = string extends T ? true : false;
type OpenFields = {
  [Event in LogEventName]: {
    [Field in keyof LogEvents[Event]]: IsOpen<LogEvents[Event][Field]> extends true ? Field : never;
  }[keyof LogEvents[Event]];
}[LogEventName];
type Assert<Condition extends true> = Condition;
export type NoFieldIsOpen = Assert<[OpenFields] extends [never] ? true : false>;
