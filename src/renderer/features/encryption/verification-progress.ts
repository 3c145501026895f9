// SPDX-License-Identifier: GPL-3.0-or-later

import type { VerificationOutcome, VerificationView } from '#shared/model/verification.ts';
import type { Tone } from '../../ui/state-look.ts';

export type ProgressAct =
  | 'cancel'
  | 'show-code'
  | 'answer'
  | 'decline'
  | 'dismiss'
  | 'ask-back'
  | 'try-again'
  | 'another-way'
  | 'compare'
  | 'stop'
  | 'keep-verified'
  | 'remove-verification';

export interface Progress {
  /** Under `encryption.verification`. */
  readonly text: string;
  /** A second sentence, smaller. */
  readonly more?: string;
  readonly tone: Tone;
  readonly acts: readonly ProgressAct[];
}

type Result = Extract<VerificationView, { readonly tag: 'result' }>;

const results: Readonly<Record<VerificationOutcome, Omit<Progress, 'text'>>> = {
  'matched-asked': { more: 'matched-asked-more', tone: 'ok', acts: ['dismiss'] },
  'matched-answered': {
    more: 'matched-answered-more',
    tone: 'warn',
    acts: ['ask-back', 'dismiss'],
  },
  'matched-both': { tone: 'ok', acts: ['dismiss'] },
  mismatch: { tone: 'bad', acts: ['try-again', 'another-way', 'stop'] },
  'mismatch-verified': { tone: 'bad', acts: ['keep-verified', 'remove-verification'] },
  cheated: { tone: 'bad', acts: ['dismiss'] },
  'cancelled-by-peer': { tone: 'plain', acts: ['dismiss'] },
  'cancelled-by-us': { tone: 'plain', acts: ['dismiss'] },
  collided: { tone: 'plain', acts: ['dismiss'] },
  'session-ended': { tone: 'plain', acts: ['dismiss'] },
};

function toResult({ outcome, method, paused }: Result): Progress {
  if (outcome === 'mismatch' && method === 'compare') {
    return { text: 'mismatch-compare', tone: 'bad', acts: ['stop', 'dismiss'] };
  }
  // Each further try would be one more for whoever guesses.
  if (outcome === 'mismatch' && paused) {
    const acts = ['compare', 'stop', 'dismiss'] as const;
    return { text: outcome, more: 'mismatch-paused', tone: 'bad', acts };
  }
  return { text: outcome, ...results[outcome] };
}

/** What the panel says about a verification under way or just over; trust itself is main's word. */
export function toProgress(view: VerificationView): Progress | undefined {
  switch (view.tag) {
    case 'idle':
      return undefined;
    case 'waiting':
      return {
        text: 'waiting',
        tone: 'info',
        acts: view.code === undefined ? ['cancel'] : ['show-code', 'cancel'],
      };
    case 'asked':
      return {
        text: view.question === undefined ? 'asked-secret' : 'asked',
        tone: 'info',
        acts: ['answer', 'decline'],
      };
    case 'checking':
      return { text: 'checking', tone: 'info', acts: ['cancel'] };
    case 'result':
      return toResult(view);
  }
}

/** Three digits, a gap, three digits: easier to say and to hear. */
export const toSpokenDigits = (code: string): string => code.replace(/^(\d{3})(\d{3})$/, '$1 $2');
