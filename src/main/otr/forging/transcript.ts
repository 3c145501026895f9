// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Forging Transcripts": a whole conversation that nobody had.

import { isTooLong } from '../codec/tlv.ts';
import type { Env } from '../env.ts';
import type { ValidEnsemble } from '../profile/ensemble.ts';
import { encryptedSecrets } from '../session/state.ts';
import type { SessionState } from '../session/state.ts';
import { forgeDake } from './dake.ts';
import type { ForgedConversation } from './dake.ts';
import { forgeOfflineDake } from './offline.ts';
import type { OfflineConversation } from './offline.ts';
import { speak } from './stage.ts';
import type { ForgedBody, Role, Stage } from './stage.ts';

/** What one end is to have said. */
export interface ForgedLine {
  readonly sender: Role;
  /** As `SendInput.text`; never empty. */
  readonly text: string;
}

/** A conversation as it is to have been. */
export interface ForgedScript {
  readonly lines: readonly ForgedLine[];
  /** Who ends the session after the last line; undefined when nobody does. */
  readonly endedBy?: Role | undefined;
}

/**
 * "Forge Entire Transcript": everything two ends would have sent each other to say these lines.
 *
 * @throws {RangeError} for a line that is empty or too long, and as {@link forgeDake}
 * @see OTRv4 "Forging Transcripts"
 */
export function forgeTranscript(
  conversation: ForgedConversation,
  script: ForgedScript,
  env: Env,
  peer: Env = env,
): readonly ForgedBody[] {
  validateScript(script);
  return play(forgeDake(conversation, env, peer), script);
}

/** A conversation that began while one end is to have been away. */
export interface OfflineTranscript {
  /** What the initiator is to have retrieved. */
  readonly ensemble: ValidEnsemble;
  /** Oldest first. */
  readonly said: readonly ForgedBody[];
}

/**
 * {@link forgeTranscript} for a conversation that began with the non-interactive DAKE.
 *
 * @throws {RangeError} for a line that is empty or too long, and as {@link forgeOfflineDake}
 * @see OTRv4 "Forging Transcripts"
 */
export function forgeOfflineTranscript(
  conversation: OfflineConversation,
  script: ForgedScript,
  env: Env,
  peer: Env = env,
): OfflineTranscript {
  validateScript(script);
  const { ensemble, stage } = forgeOfflineDake(conversation, env, peer);
  return { ensemble, said: play(stage, script) };
}

function validateScript({ lines }: ForgedScript): void {
  for (const { text } of lines) {
    if (text === '') throw new RangeError('a line without text');
    if (isTooLong(text)) throw new RangeError('a line too long');
  }
}

function play(dake: Stage, { lines, endedBy }: ForgedScript): readonly ForgedBody[] {
  const spoken = lines.reduce(
    (stage, { sender, text }, ref) => speak(stage, sender, { tag: 'send', ref, text }),
    dake,
  );
  const ended = endedBy === undefined ? spoken : speak(spoken, endedBy, { tag: 'end' });
  forget(ended.initiator.state);
  forget(ended.responder.state);
  return ended.said;
}

function forget({ messages }: SessionState): void {
  if (messages.tag !== 'encrypted') return;
  for (const secret of encryptedSecrets(messages)) secret.wipe();
}
