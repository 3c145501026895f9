// SPDX-License-Identifier: GPL-3.0-or-later

/** The public surface of the engine, and the only barrel of the house. */

export type { Fingerprint, InstanceTag } from './bytes.ts';
export type { BodyKind, OtrMessageKind } from './codec/classify.ts';
export { classify } from './codec/classify.ts';
export type { ErrorCode as PeerErrorCode } from './codec/error-message.ts';
export { senderOfFragment } from './codec/fragment.ts';
export { createInstanceTag, validateInstanceTag } from './codec/instance-tag.ts';
export { Secret } from './crypto/secret.ts';
export type { Env } from './env.ts';
export { OtrError } from './errors.ts';
export { LIMITS } from './limits.ts';
export {
  createPrekeyClient,
  nextPrekeyTickAt,
  prekeyClientSecrets,
  reconfigurePrekeyClient,
  stepPrekeyClient,
} from './prekey/client/client.ts';
export { chooseRecipients } from './prekey/client/recipients.ts';
export type { RecipientPolicy, Recipients } from './prekey/client/recipients.ts';
export {
  prekeyBackOffMs,
  prekeysToPublish,
  profilesToPublish,
  prekeyStatusDelayMs,
  prekeyStatusIntervalMs,
} from './prekey/client/schedule.ts';
export type { PublishedProfiles } from './prekey/client/schedule.ts';
export { keepSpares, takeSpares } from './prekey/client/spare-ensembles.ts';
export type { SpareEnsemble, SpareEnsembles } from './prekey/client/spare-ensembles.ts';
export type {
  PrekeyClient,
  PrekeyClientContext,
  PrekeyClientEffect,
  PrekeyClientInput,
  PrekeyClientStep,
  PrekeyFailedWhy,
  PrekeyGoneWhy,
  PrekeyIgnoredWhy,
  PrekeyRefusedWhy,
  PrekeyRequest,
  PublicationContent,
  SentAbout,
} from './prekey/client/state.ts';
export type { RawEnsemble } from './prekey/message/ensemble-retrieval.ts';
export {
  deriveServerFingerprint,
  formatServerFingerprint,
  isFingerprintOf,
  parseServerFingerprint,
} from './prekey/server-identity.ts';
export type { ServerFingerprint } from './prekey/server-identity.ts';
export {
  assemblePrekeyBody,
  dropLateFragments,
  NO_FRAGMENT_SENDERS,
} from './prekey/server/fragments.ts';
export type { FragmentTable } from './prekey/server/fragments.ts';
export { toBareJid, toDomain } from './prekey/server/jid.ts';
export { admit, NO_RATES, PREKEY_RATES } from './prekey/server/rates.ts';
export type { Rate, RateClaim, RateTable } from './prekey/server/rates.ts';
export { answerCount, answerPublication, answerQuery } from './prekey/server/replies.ts';
export type { Unavailable } from './prekey/server/replies.ts';
export {
  createPrekeyServer,
  nextPrekeyServerTickAt,
  prekeyServerSecrets,
  stepPrekeyServer,
} from './prekey/server/server.ts';
export {
  decidePublication,
  isCompleteShelf,
  rememberConsumedUntil,
} from './prekey/server/shelf-rules.ts';
export type {
  OtherDevice,
  ShelfChange,
  ShelfDecision,
  ShelfRefusedWhy,
  StoredBeside,
  StoredShelf,
} from './prekey/server/shelf-rules.ts';
export type {
  AuthenticatedTicket,
  CountCommand,
  PrekeyServer,
  PrekeyServerContext,
  PrekeyServerEffect,
  PrekeyServerInput,
  PrekeyServerStep,
  PublishCommand,
  QueryTicket,
  ServerIgnoredWhy,
  Shelf,
  StoredMessage,
  StoredProfile,
  TakeCommand,
} from './prekey/server/state.ts';
export {
  createClientProfile,
  renewClientProfile,
  renewsAt,
  validatePublishedProfile,
} from './profile/client-profile.ts';
export type { ProfileOwner, ValidClientProfile } from './profile/client-profile.ts';
export { chooseEnsembles, ensembleExpiresAt, validateEnsemble } from './profile/ensemble.ts';
export type { Ensemble, ValidEnsemble } from './profile/ensemble.ts';
export { deriveFingerprint, formatFingerprint, parseFingerprint } from './profile/fingerprint.ts';
export {
  createForgingKeyAndForget,
  createLongTermKey,
  openLongTermKey,
} from './profile/long-term-key.ts';
export type { LongTermKey, Seed } from './profile/long-term-key.ts';
export type { OfflineOwner } from './profile/offline-owner.ts';
export { createPrekeyMessage, openPrekeyPair, prekeySecrets } from './profile/prekey-message.ts';
export type { OwnPrekeyMessage, PrekeyPair, ValidPrekeyMessage } from './profile/prekey-message.ts';
export {
  createPrekeyProfile,
  keptUntil,
  openSharedPrekey,
  renewPrekeyProfile,
} from './profile/prekey-profile.ts';
export type {
  OwnPrekeyProfile,
  PrekeyProfileOwner,
  SharedPrekey,
  ValidPrekeyProfile,
} from './profile/prekey-profile.ts';
export { openPublication, publicationKeptUntil } from './profile/publication.ts';
export type { Publication, StoredPublication } from './profile/publication.ts';
export type { SsidHalves } from './profile/ssid.ts';
export type { OfflineRole, OwnPrekeys } from './dake/non-interactive.ts';
export type {
  DakeRole,
  EstablishedEffect,
  ExtraKeysEffect,
  IgnoredWhy,
  LifecycleEffect,
  OfflineEffect,
  OfflineRefusedWhy,
  OfferedBy,
  RefusedWhy,
  SessionEffect,
  SessionRole,
  SmpEffect,
  TextEffect,
  TransmitEffect,
  UnreadableWhy,
} from './session/effect.ts';
export type { DerivedExtraKey, ExtraKeys } from './ratchet/extra-keys.ts';
export type {
  ExtraKeysInput,
  MessageRef,
  ReceiveInput,
  SendInput,
  SendPlainInput,
  SessionInput,
  StartOfflineInput,
} from './session/input.ts';
export type { Mode } from './mode.ts';
export { permitsClear, permitsOffline } from './mode.ts';
export type { OwnIdentity, SessionParams } from './session/params.ts';
export type { SessionPolicy } from './session/policy.ts';
export { DEFAULT_POLICY } from './session/policy.ts';
export { describe } from './session/describe.ts';
export { canPrepare } from './session/preparing.ts';
export { createSession, reconfigure, step } from './session/session.ts';
export { openSnapshot, sealSnapshot } from './session/snapshot.ts';
export type { OpenedSnapshot, SnapshotRefusal } from './session/snapshot.ts';
export type { SessionState, SessionStep } from './session/state.ts';
export { nextDueAt as nextTickAt } from './session/timing.ts';
export { forgetUnfinished, unfinishedOf } from './session/unfinished.ts';
export type { Unfinished } from './session/unfinished.ts';
export type { EncryptedView, SessionView, StartingView } from './session/view.ts';
