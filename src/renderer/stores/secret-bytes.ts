// SPDX-License-Identifier: GPL-3.0-or-later

type SecretBytes = Uint8Array<ArrayBuffer>;

/**
 * Lends typed secrets as bytes for the time of one request, then overwrites this copy. Main wipes
 * its own. The text in the field cannot be wiped, only dropped.
 */
export async function lendSecrets<Texts extends Readonly<Record<string, string>>, T>(
  texts: Texts,
  use: (secrets: { readonly [K in keyof Texts]: SecretBytes }) => Promise<T>,
): Promise<T> {
  const encoder = new TextEncoder();
  const entries = Object.entries(texts).map(([name, text]): readonly [string, SecretBytes] => [
    name,
    encoder.encode(text),
  ]);
  try {
    return await use(Object.fromEntries(entries) as { [K in keyof Texts]: SecretBytes });
  } finally {
    for (const [, bytes] of entries) bytes.fill(0);
  }
}
