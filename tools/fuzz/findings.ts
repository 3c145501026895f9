// SPDX-License-Identifier: GPL-3.0-or-later

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from './target.ts';
import type { Finding } from './trial.ts';

/** A counterexample as it lies in a file: found by the fuzzer, kept under test/corpus/regress. */
export interface Kept {
  readonly target: string;
  readonly what: string;
  readonly hex?: string;
  readonly text?: string;
}

function toKept({ target, wrong, what, input }: Finding): Kept {
  const [first = ''] = what.split('\n');
  const told = { target, what: `${wrong}: ${first}` };
  if (typeof input === 'string') return { ...told, text: input };
  return input === undefined ? told : { ...told, hex: Buffer.from(input).toString('hex') };
}

/** The input of a kept counterexample. */
export function inputOf({ hex, text }: Kept): Input {
  if (text !== undefined) return text;
  return new Uint8Array(Buffer.from(hex ?? '', 'hex'));
}

export function readKept(path: string): Kept {
  return JSON.parse(readFileSync(path, 'utf8')) as Kept;
}

/** Writes a finding where it can be looked at, and moved from into the regression corpus. */
export function writeFinding(directory: string, finding: Finding): string {
  const content = `${JSON.stringify(toKept(finding), undefined, 2)}\n`;
  const name = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const folder = join(directory, folderOf(finding.target));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${finding.wrong}-${name}.json`);
  writeFileSync(path, content);
  return path;
}

/** The name of a target as a folder's. */
export function folderOf(target: string): string {
  return target.replaceAll(/[^a-z0-9]+/g, '-');
}
