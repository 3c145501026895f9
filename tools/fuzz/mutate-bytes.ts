// SPDX-License-Identifier: GPL-3.0-or-later

import { concat } from '#otr/bytes.ts';
import type { Field } from './fields.ts';
import type { Rng } from './random.ts';

/** A message to change, and where its fields stand. */
export interface Sample {
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
}

export interface ByteChange {
  readonly rng: Rng;
  readonly sample: Sample;
  /** Another message to take pieces from. */
  readonly donor: Sample;
  /** Values that decoders have fallen over: points of small order, group elements at the edges. */
  readonly dictionary: readonly Uint8Array[];
}

type Mutation = (change: ByteChange) => Uint8Array;

const LARGEST = 600_000;

/** Edges of every integer on the wire, beside those around the value that stood there. */
const EDGES = [0, 1, 2 ** 15, 2 ** 16 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];

const whole = (bytes: Uint8Array): Field => ({ from: 0, to: bytes.length });

function fieldOf(rng: Rng, { bytes, fields }: Sample): Field {
  return fields.length === 0 ? pieceOf(rng, bytes) : rng.pick(fields);
}

function pieceOf(rng: Rng, bytes: Uint8Array): Field {
  const from = rng.below(bytes.length);
  return { from, to: Math.min(bytes.length, from + 1 + rng.below(64)) };
}

function replaced(bytes: Uint8Array, { from, to }: Field, by: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, from), by, bytes.subarray(to));
}

function cut({ bytes }: Sample, { from, to }: Field): Uint8Array {
  return bytes.subarray(from, to);
}

const flipBit: Mutation = ({ rng, sample: { bytes } }) => {
  const copy = bytes.slice();
  const at = rng.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << rng.below(8));
  return copy;
};

const setByte: Mutation = ({ rng, sample: { bytes } }) => {
  const copy = bytes.slice();
  copy[rng.below(copy.length)] = rng.pick([0, 1, 0x7f, 0x80, 0xff, rng.below(256)]);
  return copy;
};

const truncate: Mutation = ({ rng, sample: { bytes } }) =>
  bytes.slice(0, rng.below(bytes.length + 1));

const extend: Mutation = ({ rng, sample: { bytes } }) =>
  concat(bytes, new Uint8Array(1 + rng.below(70)).fill(rng.pick([0, 0xff, 0x41])));

const splice: Mutation = ({ rng, sample, donor }) =>
  concat(
    sample.bytes.subarray(0, rng.below(sample.bytes.length + 1)),
    donor.bytes.subarray(rng.below(donor.bytes.length + 1)),
  );

const dropField: Mutation = ({ rng, sample }) =>
  replaced(sample.bytes, fieldOf(rng, sample), new Uint8Array(0));

const doubleField: Mutation = ({ rng, sample }) => {
  const field = fieldOf(rng, sample);
  const twice = concat(cut(sample, field), cut(sample, field));
  return replaced(sample.bytes, field, twice);
};

const swapFields: Mutation = ({ rng, sample }) => {
  const [a, b] = [fieldOf(rng, sample), fieldOf(rng, sample)].sort((x, y) => x.from - y.from);
  if (a === undefined || b === undefined || a.to > b.from) return flipBit(arguments0(rng, sample));
  const { bytes } = sample;
  return concat(
    bytes.subarray(0, a.from),
    cut(sample, b),
    bytes.subarray(a.to, b.from),
    cut(sample, a),
    bytes.subarray(b.to),
  );
};

function arguments0(rng: Rng, sample: Sample): ByteChange {
  return { rng, sample, donor: sample, dictionary: [] };
}

const fillField: Mutation = ({ rng, sample }) => {
  const copy = sample.bytes.slice();
  const { from, to } = fieldOf(rng, sample);
  return copy.fill(rng.pick([0, 1, 0xff]), from, to);
};

/** A field of another message in its place, of the same length where there is one. */
const borrowField: Mutation = ({ rng, sample, donor }) => {
  const field = fieldOf(rng, sample);
  const alike = donor.fields.filter(({ from, to }) => to - from === field.to - field.from);
  const source = alike.length > 0 ? rng.pick(alike) : fieldOf(rng, donor);
  return replaced(sample.bytes, field, cut(donor, source));
};

const useDictionary: Mutation = ({ rng, sample, dictionary }) => {
  if (dictionary.length === 0) return fillField(arguments0(rng, sample));
  const value = rng.pick(dictionary);
  const alike = sample.fields.filter(({ from, to }) => to - from === value.length);
  const place = alike.length > 0 ? rng.pick(alike) : fieldOf(rng, sample);
  return replaced(sample.bytes, place, value);
};

/** Where a big-endian integer could be the length of what follows it. */
function lengthsIn({ bytes, fields }: Sample, size: 2 | 4): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = fields.length > 0 ? fields.map(({ from }) => from) : [...bytes.keys()];
  return places.filter((at) => {
    if (at + size > bytes.length) return false;
    const value = size === 4 ? view.getUint32(at) : view.getUint16(at);
    return value <= bytes.length - at - size;
  });
}

const editInteger: Mutation = ({ rng, sample }) => {
  const copy = sample.bytes.slice();
  const size = rng.pick([2, 4, 4] as const);
  const places = lengthsIn(sample, size);
  const at = places.length > 0 ? rng.pick(places) : fieldOf(rng, sample).from;
  if (at + size > copy.length) return flipBit(arguments0(rng, sample));
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  const was = size === 4 ? view.getUint32(at) : view.getUint16(at);
  const value = rng.pick([was - 1, was + 1, was - 64, was + 64, ...EDGES]);
  if (size === 4) view.setUint32(at, value);
  else view.setUint16(at, value);
  return copy;
};

/** A length and what it counts, changed together: well-formed, but not what was there. */
const resizeData: Mutation = ({ rng, sample }) => {
  const places = lengthsIn(sample, 4);
  if (places.length === 0) return doubleField(arguments0(rng, sample));
  const at = rng.pick(places);
  const { bytes } = sample;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
  const size = rng.pick([0, 1, 2, 63, 64, 65, 128, 383, 384, 385, 4096, 65_536, 65_600]);
  const body = new Uint8Array(size).fill(rng.pick([0, 1, 0xff]));
  body.set(bytes.subarray(at + 4, at + 4 + Math.min(length, size)));
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, size);
  return replaced(bytes, { from: at, to: at + 4 + length }, concat(prefix, body));
};

/** Much of the same: what takes time in proportion to more than its length takes long here. */
const grow: Mutation = ({ rng, sample }) => {
  const field = rng.once(2) ? fieldOf(rng, sample) : whole(sample.bytes);
  const size = Math.max(1, field.to - field.from);
  const most = rng.once(40) ? LARGEST : 8192;
  const times = 1 + rng.below(Math.max(1, Math.floor(most / size)));
  const unit = cut(sample, field);
  return replaced(
    sample.bytes,
    field,
    concat(...Array.from({ length: Math.min(times, 4096) }, () => unit)),
  );
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  truncate,
  extend,
  splice,
  dropField,
  doubleField,
  swapFields,
  fillField,
  borrowField,
  borrowField,
  useDictionary,
  useDictionary,
  editInteger,
  editInteger,
  resizeData,
];

/** One change. An empty message can only be replaced. */
export function mutateBytes(change: ByteChange): Uint8Array {
  const { rng, sample, donor } = change;
  if (sample.bytes.length === 0) return donor.bytes.slice();
  return rng.once(60) ? grow(change) : rng.pick(MUTATIONS)(change);
}
