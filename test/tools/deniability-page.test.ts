// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'tools/forge/main.ts');
const page = readFileSync(join(ROOT, 'docs/deniability.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'sotto-page-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a reader types, and what the page says they see; some blocks show nothing. */
const session = [
  ...page.matchAll(/^```sh\n(?<typed>.*?)^```\n(?:\n```text\n(?<shown>.*?)^```\n)?/gms),
].map(({ groups }) => ({ typed: groups?.['typed'] ?? '', shown: groups?.['shown'] }));

/** As npm does it: what stands after `--` goes to the tool. */
const NPM = `set -eu
npm() { while [ "$1" != -- ]; do shift; done; shift; '${process.execPath}' '${MAIN}' "$@"; }
`;

function type(commands: string) {
  const script = NPM + commands.replaceAll('/tmp/', `${folder}/`);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: folder },
  });
  return { status, stderr, lines: stdout.replaceAll(`${folder}/`, '/tmp/').trimEnd().split('\n') };
}

/** `…` on the page stands for whatever differs each time. */
function toPattern(line: string): RegExp {
  const fixed = line.split('…').map((part) => part.replaceAll(/[^\w\s]/g, String.raw`\$&`));
  return new RegExp(`^${fixed.join('.+')}$`);
}

describe('docs/deniability.md', () => {
  it('has a session to try, with what it shows', () => {
    expect(session.filter(({ shown }) => shown !== undefined).length).toBeGreaterThan(2);
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(manifest).toHaveProperty('scripts.forge');
    for (const { typed } of session) {
      for (const [, name = ''] of typed.matchAll(/npm run (?:-s )?(\S+)/g))
        expect(name).toBe('forge');
    }
  });

  for (const { typed, shown } of session) {
    const [title = ''] = typed.split('\n');
    it(`shows what is seen after: ${title}`, () => {
      const { status, stderr, lines } = type(typed);
      expect([status, stderr]).toEqual([0, '']);
      if (shown === undefined) return;
      const expected = shown.trimEnd().split('\n');
      expect(lines).toHaveLength(expected.length);
      for (const [at, line] of expected.entries()) expect(lines[at]).toMatch(toPattern(line));
    });
  }
});
