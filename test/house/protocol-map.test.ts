// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const ENGINE = join(ROOT, 'src/main/otr');
const TESTS = join(ROOT, 'test');

interface Row {
  readonly section: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

function pathsIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
}

/** The rows of all tables of the map, without their headings. */
function readMap(): readonly Row[] {
  const lines = readFileSync(join(ROOT, 'docs/protocol-map.md'), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('|') && line.includes('`'))
    .map((line) => {
      const [, section = '', files = '', tests = ''] = line.split('|').map((cell) => cell.trim());
      return { section, files: pathsIn(files), tests: pathsIn(tests) };
    });
}

const rows = readMap();

describe('docs/protocol-map.md', () => {
  it('names a section, a file and a test in every row', () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const { section, files, tests } of rows) {
      expect(section).not.toBe('');
      expect(files.length, section).toBeGreaterThan(0);
      expect(tests.length, section).toBeGreaterThan(0);
    }
  });

  it('names only files that exist', () => {
    const missing = rows.flatMap(({ files, tests }) => [
      ...files.filter((file) => !existsSync(join(ENGINE, file))),
      ...tests.filter((test) => !existsSync(join(TESTS, test))),
    ]);
    expect(missing).toEqual([]);
  });

  it('names every file of the engine but its public surface', () => {
    const named = new Set(rows.flatMap(({ files }) => files));
    const unnamed = globSync('**/*.ts', { cwd: ENGINE }).filter(
      (file) => file !== 'index.ts' && !named.has(file.replaceAll('\\', '/')),
    );
    expect(unnamed).toEqual([]);
  });

  it('names each section once', () => {
    const sections = rows.map(({ section }) => section);
    expect(sections.toSorted()).toEqual([...new Set(sections)].toSorted());
  });

  it('is where each file says it belongs: its first line quotes sections whose rows name it', () => {
    const byFile = globSync('**/*.ts', { cwd: ENGINE }).filter((file) => file !== 'index.ts');
    const strays = byFile.filter((file) => {
      const [, opening = ''] = readFileSync(join(ENGINE, file), 'utf8').split('\n');
      const of = opening.startsWith('// Prekey Server ') ? 'Prekey Server: ' : '';
      const quoted = [...opening.matchAll(/"([^"]+)"/g)].map(([, section = '']) => of + section);
      const sections = quoted.filter((section) => rows.some((row) => row.section === section));
      const isNamed = sections.some((section) =>
        rows.some((row) => row.section === section && row.files.includes(file)),
      );
      return !opening.startsWith('// ') || !isNamed;
    });
    expect(strays).toEqual([]);
  });
});
