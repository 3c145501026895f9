// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Why a store was not opened. In every case the files are exactly what they were before: nothing is
 * created, repaired, replaced or downgraded because opening failed.
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
