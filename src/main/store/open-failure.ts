// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Why a store was not opened. Nothing is created, repaired, replaced or downgraded because opening
 * failed, and the files are what they were before. One exception, after a crash: once the key fits,
 * SQLite may move a sound write-ahead log into the file before it meets what is `damaged`.
 */
export type OpenFailure =
  /** There is no file. */
  | 'missing'
  /** A directory, a symbolic link, a device. */
  | 'not-a-file'
  /** Too short to be a store. */
  | 'truncated'
  /** An ordinary, unencrypted SQLite database. */
  | 'not-encrypted'
  /** Does not carry this profile's id: somebody else's store, or not a store at all. */
  | 'foreign'
  /** Carries the right id, but its first page is not authentic under this key. */
  | 'key-refused'
  /** The key fits, and yet something inside is broken. */
  | 'damaged'
  /** Written by a later version of the program. */
  | 'newer'
  /** The file or its folder may not be written. */
  | 'read-only'
  /** Another process has it open. */
  | 'in-use'
  /** The disk said no. */
  | 'unreadable';
