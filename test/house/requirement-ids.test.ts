// SPDX-License-Identifier: GPL-3.0-or-later
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const TESTS = join(import.meta.dirname, '..');

/** `padded('X-', 2, 4)`. */
const padded = (prefix: string, first: number, last: number): readonly string[] =>
  counted('', first, last).map((n) => prefix + n.padStart(2, '0'));

const counted = (prefix: string, first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => prefix + String(first + at));

const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((id) => !some.includes(id));

/**
 * What a client has to do apart from OTR version 3, and its end of the prekey protocol. Left out are ids of which
 * no test of this application can speak:
 *
 * - xep X-53 tells of registrars; sec F-SOAK-1 takes eight hours; sec F-PROC-2 is about a process of
 *   its own for the engine, which there is not (ADR 0011).
 */
const required: Readonly<Record<string, readonly string[]>> = {
  xep: [
    ...padded('X-', 1, 52),
    ...padded('S-', 1, 8),
    ...['S-10', 'S-11', 'S-13', 'S-14', 'S-15'],
    ...padded('S-', 18, 28),
  ],
  pks: counted('T-', 15, 62),
  guide: padded('R-', 1, 22),
  mode: padded('I-', 1, 15),
  ux: [
    ...without(counted('', 1, 24), ['11']),
    ...counted('A', 1, 10),
    ...counted('S', 0, 11),
    ...counted('I-', 1, 10),
  ],
  sec: [
    ...counted('T-X-TLS-', 1, 3),
    ...counted('T-X-CERT-', 1, 3),
    ...counted('T-X-SASL-', 1, 12),
    ...counted('T-X-FROM-', 1, 4),
    ...counted('T-X-XML-', 1, 9),
    'T-X-LEAK-1',
    ...counted('T-P-DOS-', 1, 4),
    ...['T-P-AUTH-1', 'T-P-RL-1', 'T-P-CFG-1', 'T-P-SQL-1', 'T-P-LOG-1', 'T-P-LOOP-1'],
    ...counted('F-PK-', 3, 10),
    ...['T-F-PK-1', 'T-F-PK-2'],
    'T-U-TXT',
    'T-U-PATH',
    ...counted('F-DAKE-', 1, 3),
    ...counted('F-SM-', 1, 3),
    ...counted('F-NET-', 1, 2),
    ...counted('F-MSG-', 1, 2),
    ...counted('F-PEER-', 1, 2),
    ...counted('F-DEV-', 1, 2),
    ...counted('F-CLK-', 1, 2),
    'F-EXP-1',
    ...counted('F-DISK-', 1, 2),
    'F-PROC-1',
    ...counted('F-FLOOD-', 1, 4),
    ...['F-PK-12', 'F-PK-13'],
    ...['2013-6477', '2013-6483', '2014-0364', '2016-10027', '2017-5589', '2018-6591'],
    ...['2019-16235', '2019-16236', '2019-16237', '2020-26547', '2021-32918', '2021-33896'],
    ...['2022-0217', '2022-22784', '2022-26491', '2022-39835', '2022-45197', '2023-28686'],
    ...['Converse-5.0.2', 'Converse-5.0.3', 'XEP-0138'],
  ].map((id) => (/^\d/.test(id) ? `CVE-${id}` : id)),
};

/** All strings of a file, as its code writes them: names of tests, and what is put into those. */
function stringsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** `sec:T-X-SASL-%s` speaks of every id that the cases of its file put into it. */
function idsOf(strings: readonly string[]): readonly string[] {
  const names = strings.flatMap((name) => name.match(/\b[a-z]+:[\w.%-]*[\w%]/g) ?? []);
  const cases = strings.filter((name) => /^[\w.-]+$/.test(name));
  return names.flatMap((name) =>
    name.includes('%s') ? cases.map((one) => name.replace('%s', one)) : [name],
  );
}

const namedIn = (pattern: string): ReadonlySet<string> =>
  new Set(globSync(pattern, { cwd: TESTS }).flatMap((file) => idsOf(stringsOf(join(TESTS, file)))));

const named = namedIn('**/*.test.ts');
/** Those of the application as it is, at real servers. */
const lived = namedIn('e2e/**/*.test.ts');

/** `sec:T-F-FLOOD-1` is the test of the row F-FLOOD-1. */
const isIn = (names: ReadonlySet<string>, document: string, id: string): boolean =>
  names.has(`${document}:${id}`) || names.has(`${document}:T-${id}`);

describe('what was asked for', () => {
  it.each(Object.keys(required))('%s: each id is in the name of a test', (document) => {
    const missing = (required[document] ?? []).filter((id) => !isIn(named, document, id));
    expect(missing, missing.join(' ')).toEqual([]);
  });

  it('ux: each scenario, state and invariant is lived through by the application', () => {
    const missing = (required['ux'] ?? []).filter((id) => !isIn(lived, 'ux', id));
    expect(missing, missing.join(' ')).toEqual([]);
  });
});
