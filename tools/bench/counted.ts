// SPDX-License-Identifier: GPL-3.0-or-later
// A process of its own, in which the engine's operations are counted instead of timed: a line is added
// to the functions that do them while they are loaded. Nothing of it is in src. Prints JSON.

import { registerHooks } from 'node:module';

declare global {
  var countOperation: ((name: string) => void) | undefined;
}

/** In which file which function is which operation. */
const OPERATIONS: readonly (readonly [file: string, what: string, name: string])[] = [
  ['otr/crypto/ed448.ts', 'multiplyBase', 'KG'],
  ['otr/crypto/ed448.ts', 'multiplySecretly', 'SM'],
  ['otr/crypto/ed448.ts', 'combine', 'DM'],
  ['otr/crypto/ed448.ts', 'verify', 'SV'],
  ['otr/crypto/ed448.ts', 'validatePoint', 'TV'],
  ['otr/crypto/dh3072.ts', 'generateDh', 'DKG'],
  ['otr/crypto/dh3072.ts', 'dhShared', 'DSS'],
  ['otr/crypto/dh3072.ts', 'validateDhElement', 'DCK'],
  // Two products and their sum: one double multiplication.
  ['otr/smp/proofs.ts', 'hideSecret', 'sum'],
];

const patched = new Set<string>();
registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const here = OPERATIONS.filter(([file]) => url.endsWith(file));
    if (here.length === 0 || loaded.source === undefined) return loaded;
    let source =
      typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    for (const [, what, name] of here) {
      const opening = new RegExp(`function ${what}\\([\\s\\S]*?\\{\\n`);
      source = source.replace(opening, (found) => {
        patched.add(name);
        return `${found} globalThis.countOperation?.('${name}');`;
      });
    }
    return { ...loaded, source };
  },
});

const { Comparison, prepareOffline } = await import('./handshakes.ts');
const { established, makeIdentity, makePair, say } = await import('./parties.ts');

type Counted = Readonly<Record<string, number>>;

function count(work: () => void): Counted {
  const counts = new Map<string, number>();
  globalThis.countOperation = (name) => counts.set(name, (counts.get(name) ?? 0) + 1);
  work();
  globalThis.countOperation = undefined;
  const of = (name: string): number => counts.get(name) ?? 0;
  const sums = of('sum');
  return {
    KG: of('KG') - sums,
    SM: of('SM') - sums,
    DM: of('DM') + sums,
    SV: of('SV'),
    TV: of('TV'),
    DKG: of('DKG'),
    DSS: of('DSS'),
    DCK: of('DCK'),
  };
}

const rows: { readonly step: string; readonly counts: Counted }[] = [];
const note = (step: string, work: () => void): void => {
  rows.push({ step, counts: count(work) });
};

const { alice, bob } = makePair(makeIdentity(0x1000), makeIdentity(0x2000));
let bodies: readonly string[] = [];
const hear = (party: typeof alice) => (): void => {
  bodies = bodies.flatMap((body) => party.take({ tag: 'receive', body }));
};
note('Bob: Identity', () => {
  bodies = bob.take({ tag: 'start' });
});
note('Alice: verify Identity, make Auth-R', hear(alice));
note('Bob: verify Auth-R, make Auth-I, start the ratchet', hear(bob));
note('Alice: verify Auth-I, start the ratchet', hear(alice));

const offline = prepareOffline();
note('prekey message', offline.publish);
note('Alice: ensemble check, Non-Interactive-Auth', offline.send);
note('Bob: Non-Interactive-Auth', offline.receive);

const comparison = new Comparison();
for (const [index, take] of comparison.steps.entries()) {
  note(['SMP 1', 'SMP 2', 'SMP 3', 'SMP 4', 'SMP end'][index] ?? '', take);
}

const pair = established();
say(pair.alice, pair.bob, 'in the chain of the key exchange');
for (let id = 0; id <= 2; id += 1) {
  const [from, to] = id % 2 === 0 ? [pair.bob, pair.alice] : [pair.alice, pair.bob];
  note(`ratchet ${String(id)}, sender`, () => {
    bodies = from.take({ tag: 'send', ref: id, text: 'turn' });
  });
  note(`ratchet ${String(id)}, receiver`, hear(to));
}

const missing = OPERATIONS.map(([, , name]) => name).filter((name) => !patched.has(name));
if (missing.length > 0) throw new Error(`not found in the engine: ${missing.join(', ')}`);
process.stdout.write(JSON.stringify(rows));
