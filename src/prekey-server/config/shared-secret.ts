// SPDX-License-Identifier: GPL-3.0-or-later

/** The component protocol hashes this with SHA-1 over a line in clear: it has to be long. */
export const SECRET_LENGTH_MIN = 32;
const DISTINCT_MIN = 8;

export type SecretRefusal = 'too-short' | 'well-known' | 'too-simple' | 'not-text';

/** Why a secret is not one; undefined when it may be. */
export function refuseSecret(secret: Uint8Array): SecretRefusal | undefined {
  if (secret.some((octet) => octet < 0x21 || octet > 0x7e)) return 'not-text';
  if (/change-?_?me|password|secret/i.test(Buffer.from(secret).toString('latin1'))) {
    return 'well-known';
  }
  if (secret.length < SECRET_LENGTH_MIN) return 'too-short';
  return new Set(secret).size < DISTINCT_MIN ? 'too-simple' : undefined;
}

/** Files end in a line feed, secrets do not. */
export function firstLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.findIndex((octet) => octet === 0x0a || octet === 0x0d);
  return end === -1 ? bytes : bytes.slice(0, end);
}
