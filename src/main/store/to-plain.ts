// SPDX-License-Identifier: GPL-3.0-or-later

/** SQLite gives Buffers, whose `slice` shares memory; everyone else expects a copy of it. */
export const toPlain = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
