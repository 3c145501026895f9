// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceName, VerificationMethod } from './conversation.ts';

export type VerificationView =
  | { readonly tag: 'idle' }
  /** We asked and wait for the contact. */
  | {
      readonly tag: 'waiting';
      readonly method: VerificationMethod;
      readonly device: DeviceName;
      readonly since: number;
      /** Six digits, only for the method `code`. */
      readonly code: string | undefined;
    }
  /** The contact's device asks us. The question is untrusted text, already cut and cleaned. */
  | {
      readonly tag: 'asked';
      readonly question: string | undefined;
      readonly device: DeviceName;
      readonly at: number;
    }
  /** We answered and wait for the outcome. */
  | { readonly tag: 'checking'; readonly device: DeviceName }
  | {
      readonly tag: 'result';
      readonly outcome: VerificationOutcome;
      readonly method: VerificationMethod;
      readonly device: DeviceName;
      readonly at: number;
      /** Three did not match within ten minutes: nothing is asked or answered for a while. */
      readonly paused: boolean;
    };

export type VerificationOutcome =
  /** We asked; their answer matched. They have not verified us unless the secret was mutual. */
  | 'matched-asked'
  /** They asked; our answer matched. They verified us; we have not verified them. */
  | 'matched-answered'
  | 'matched-both'
  | 'mismatch'
  /** The answers differ although this device was verified before. */
  | 'mismatch-verified'
  | 'cancelled-by-peer'
  | 'cancelled-by-us'
  /** Both asked at once. */
  | 'collided'
  /** The other device sent values that cannot be right. */
  | 'cheated'
  | 'session-ended';
