// SPDX-License-Identifier: GPL-3.0-or-later

const PARTS = [
  `'; DROP TABLE device; --`,
  `' OR '1'='1`,
  `" OR ""="`,
  `%' UNION SELECT body FROM prekey --`,
  '$1',
  '?',
  '@identity',
  ':tag',
  '\\',
  `\\'`,
  '%',
  '_',
  'NULL',
  '${jndi:ldap://x}',
  '../../etc/passwd',
  'ʼ',
  '\u202e',
  '𝒷ob',
  'é',
  'e\u0301',
  'bob ',
  ' bob',
  'BOB',
  'constructor',
  '__proto__',
  '<script>',
  '&amp;',
  '|',
  '\t',
  '\r\n',
] as const;

/** So many different addresses, each of which means something to somebody else. */
export function hostileJids(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => {
    const first = PARTS[n % PARTS.length] ?? '';
    const second = PARTS[Math.floor(n / PARTS.length) % PARTS.length] ?? '';
    const round = Math.floor(n / PARTS.length ** 2);
    return `${first}${second}${'x'.repeat(round)}@z.example`;
  });
}
