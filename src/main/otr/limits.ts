// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "Assumptions" names no bounds; these are ours. Everything a peer could make grow.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Everything a peer could make grow, and how far it may. Units are in the names; sizes are bytes.
 * docs/threat-model.md says what each of them is for.
 */
export const LIMITS = {
  /** One OTR message after reassembly and base64 decoding. */
  messageBytes: 512 * KIB,
  /** Human-readable part of one data message. */
  plaintextBytes: 64 * KIB,
  /** One fragment as text, and the pieces we send when the server names no maximum. */
  fragmentInChars: 192 * KIB,
  fragmentOutChars: 8000,
  fragmentOutMaxChars: 64 * KIB,

  /** Reassembly: per sender (full JID), for senders who are not contacts, and for everyone. */
  fragmentBuffersPerSender: 8,
  fragmentBuffersPerStranger: 2,
  fragmentBuffersTotal: 64,
  fragmentBytesPerSender: MIB,
  fragmentBytesTotal: 8 * MIB,
  fragmentPieces: 1024,
  fragmentLifetimeMs: 120 * SECOND_MS,

  /** Messages that may be missing in one ratchet, and keys kept for them. */
  skipPerRatchet: 1000,
  skippedKeys: 2000,
  skippedChains: 5,
  skippedKeyLifetimeMs: 7 * DAY_MS,

  /** Data messages that arrive before the DAKE is complete. */
  earlyMessages: 100,
  earlyBytes: 256 * KIB,
  earlyLifetimeMs: 10 * MINUTE_MS,

  /** Keys for sending that were made before they are needed. */
  preparedKeysLifetimeMs: 10 * MINUTE_MS,

  outgoingQueue: 100,

  /** Identity messages answered, of one device of a contact; those of strangers never are. */
  identityBurst: 3,
  identityIntervalMs: 10 * SECOND_MS,
  /** How long an unfinished DAKE may hold back new text of a live session. */
  dakeTimeoutMs: MINUTE_MS,

  /** How long our Identity message waits for an answer in a mode that knows no clear text. */
  alwaysEncryptedAnswerMs: 30 * SECOND_MS,

  errorReplyIntervalMs: MINUTE_MS,
  queryIntervalMs: MINUTE_MS,
  heartbeatIntervalMs: MINUTE_MS,
  /** Sessions kept for one contact; whoever comes later finds no room. */
  instancesPerContact: 16,
  /** Different prekey ensembles of one answer of a server that are looked at. */
  ensembles: 32,

  tlvs: 64,
  extraSymmetricKeys: 10,
  /** What the requests for them may say, all together. */
  extraKeyValuesBytes: 32 * KIB,
  oldMacKeysBytes: 64 * KIB,

  profileBytes: 4 * KIB,
  profileVersionsChars: 16,
  /** Keys of OTRv3 whose transitional signature is looked at. */
  dsaOrderBits: 160,
  dsaModulusMinBits: 1024,
  dsaModulusMaxBits: 3072,
  profileLifetimeMs: 365 * DAY_MS,
  ownProfileLifetimeMs: 7 * DAY_MS,
  /** Our own expired profile stays usable for this long, for messages that are under way. */
  ownProfileGraceMs: DAY_MS,

  /** One message of the prekey protocol: as text, what XMPP servers pass on in one stanza; decoded. */
  prekeyBodyChars: 256 * KIB,
  prekeyMessageBytes: 192 * KIB,
  /** An address, with its resource. */
  jidBytes: 3071,
  /** The text of a server that has nothing to hand out; nobody shows it. */
  prekeyTextBytes: KIB,
  /** Unfinished prekey messages: of one sender, and senders that have any. */
  prekeyFragmentBuffers: 4,
  prekeyFragmentPieces: 300,
  prekeyFragmentLifetimeMs: 5 * MINUTE_MS,
  prekeyFragmentSenders: 128,

  /** A client of the prekey protocol: how long it waits, what it lines up, how many keys it keeps. */
  prekeyAnswerTimeoutMs: MINUTE_MS,
  prekeyRequestsWaiting: 4,
  prekeyQueriesOpen: 16,
  prekeyQueryIntervalMs: MINUTE_MS,
  prekeysTarget: 100,
  prekeysLow: 20,
  prekeysPerPublication: 100,
  prekeysOutstanding: 400,
  spareEnsembles: 64,

  /** A prekey server: what it stores for one device and one account, and whom it has begun with. */
  prekeysStored: 255,
  prekeyDevices: 8,
  prekeySessions: 10_000,
  prekeySessionsPerAccount: 4,
  prekeySessionLifetimeMs: 5 * MINUTE_MS,
  /** How long the id of a used prekey is remembered beyond the profile that covered it. */
  consumedPrekeyMarginMs: 30 * DAY_MS,
  prekeyRateEntries: 65_536,

  smpQuestionChars: 1024,
  /** Each different answer gives a guesser one try: so many within this time, then a pause. */
  smpFailures: 3,
  smpFailureWindowMs: 10 * MINUTE_MS,
  smpFailurePauseMs: MINUTE_MS,
  /** Proofs that do not verify are no mistake in typing. */
  smpCheatPauseMs: 5 * MINUTE_MS,
  /** Keys of one contact whose tries are remembered. */
  smpGuards: 64,
  smpAnswerTimeoutMs: 10 * MINUTE_MS,

  sessionIdleMs: 2 * HOUR_MS,
  sessionIdleMinMs: 10 * MINUTE_MS,
  sessionIdleMaxMs: 14 * DAY_MS,
} as const;
