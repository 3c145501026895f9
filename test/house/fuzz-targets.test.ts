// SPDX-License-Identifier: GPL-3.0-or-later
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { STAGE_NAMES } from '../../tools/fuzz/situations.ts';
import { TARGETS } from '../../tools/fuzz/targets.ts';
import { SITUATIONS } from '../support/session-states.ts';

/** How the house calls what takes bytes or text from anybody (docs/style.md). */
const TAKES =
  /^export function ((?:decode|read|parse|peek|find|classify|validate|verify|accept|open)\w*)/gm;

/** Named alike, but not given what a peer wrote. */
const NOT_FROM_A_PEER = new Map([
  ['findSkipped', 'looks a key up'],
  ['open', 'a step of receiveData'],
  ['openLongTermKey', 'from our own store'],
  ['openPrekeyPair', 'from our own store'],
  ['openPublication', 'from our own store'],
  ['openSharedPrekey', 'from our own store'],
  ['acceptSmp1', 'a step of stepSmp'],
]);

const takers = globSync('src/main/otr/**/*.ts').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(TAKES)].map(([, name = '']) => name),
);

describe('the fuzzer', () => {
  it('has a target for every function that takes what anybody may have written', () => {
    const tried = new Set(TARGETS.flatMap(({ tries }) => tries));
    const missing = takers.filter((name) => !tried.has(name) && !NOT_FROM_A_PEER.has(name));
    expect(takers.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });

  it('makes no exception for what is not there', () => {
    expect([...NOT_FROM_A_PEER.keys()].filter((name) => !takers.includes(name))).toEqual([]);
  });

  it('steps in every state of a session', () => {
    expect(STAGE_NAMES).toEqual(expect.arrayContaining(Object.keys(SITUATIONS)));
  });

  it('calls no two targets by one name', () => {
    const names = TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
