// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * A secret that the engine takes as text. The bytes are wiped; the string lives until it is
 * collected (docs/threat-model.md).
 */
export function takeText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  bytes.fill(0);
  return text;
}

/** Lends a secret to `use` and wipes it, whatever comes of it. */
export async function lendSecret<T>(
  secrets: readonly (Uint8Array | undefined)[],
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use();
  } finally {
    for (const secret of secrets) secret?.fill(0);
  }
}
