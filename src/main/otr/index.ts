// SPDX-License-Identifier: GPL-3.0-or-later

/** The public surface of the engine, and the only barrel of the house. */

export type { BodyKind, OtrMessageKind } from './codec/classify.ts';
export { classify } from './codec/classify.ts';
export type {
  DakeRole,
  EstablishedEffect,
  IgnoredWhy,
  LifecycleEffect,
  RefusedWhy,
  SessionEffect,
  SmpEffect,
  TextEffect,
  TransmitEffect,
  UnreadableWhy,
} from './session/effect.ts';
export type { MessageRef, ReceiveInput, SendInput, SessionInput } from './session/input.ts';
export type { OwnIdentity, SessionParams } from './session/params.ts';
export type { SessionPolicy } from './session/policy.ts';
export { DEFAULT_POLICY } from './session/policy.ts';
export { describe } from './session/describe.ts';
export { createSession, reconfigure, step } from './session/session.ts';
export type { SessionState, SessionStep } from './session/state.ts';
export { nextDueAt as nextTickAt } from './session/timing.ts';
export type { EncryptedView, SessionView, StartingView } from './session/view.ts';
