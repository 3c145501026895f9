// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Structured clone as JSON, for the pipe between main and preload.
 * This file runs in Node and, as text, in the preload's world: it imports nothing.
 */
const cloneError = 'An object could not be cloned.';

const errorTypes: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
type ViewType = new (buffer: ArrayBuffer) => ArrayBufferView;
const viewTypes: Readonly<Record<string, ViewType>> = {
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8Array,
  Uint8ClampedArray,
};

/** One tagged value; a plain object whose own key is `$` travels under the tag `object`. */
interface Tagged {
  readonly $: string;
  readonly value?: unknown;
  readonly kind?: string;
  readonly stack?: string | undefined;
}

export function encodeMessage(value: unknown): string {
  return JSON.stringify(encode(value, []));
}

export function decodeMessage(text: string): unknown {
  return decode(JSON.parse(text));
}

function encode(value: unknown, parents: readonly object[]): unknown {
  switch (typeof value) {
    case 'undefined':
      return { $: 'undefined' };
    case 'bigint':
      return { $: 'bigint', value: String(value) };
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: 'number', value: Object.is(value, -0) ? '-0' : String(value) };
    case 'function':
    case 'symbol':
      throw new Error(cloneError);
    case 'object':
      return value === null ? null : encodeObject(value, parents);
    default:
      return value;
  }
}

function encodeObject(value: object, parents: readonly object[]): unknown {
  if (parents.includes(value)) throw new Error(`${cloneError} It contains itself.`);
  const inside = [...parents, value];
  const each = (item: unknown): unknown => encode(item, inside);
  if (Array.isArray(value)) return Array.from(value, each);
  if (value instanceof Date) return { $: 'date', value: value.getTime() };
  if (value instanceof Error) {
    return { $: 'error', kind: value.name, value: value.message, stack: value.stack };
  }
  if (value instanceof Map) {
    return { $: 'map', value: [...value].map(([key, item]) => [each(key), each(item)]) };
  }
  if (value instanceof Set) return { $: 'set', value: Array.from(value, each) };
  if (value instanceof ArrayBuffer) return { $: 'buffer', value: toBase64(new Uint8Array(value)) };
  if (ArrayBuffer.isView(value)) return encodeView(value);
  if (value instanceof Promise || value instanceof WeakMap) throw new Error(cloneError);
  const fields = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, each(item)]));
  return '$' in fields ? { $: 'object', value: fields } : fields;
}

function encodeView(view: ArrayBufferView): Tagged {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const kind = Object.entries(viewTypes).find(([, type]) => view instanceof type)?.[0];
  return { $: 'view', kind: kind ?? 'Uint8Array', value: toBase64(bytes) };
}

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  return '$' in value ? decodeTagged(value as Tagged) : decodeFields(value);
}

function decodeFields(fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, decode(item)]));
}

const decoders: Readonly<Record<string, (tagged: Tagged) => unknown>> = {
  undefined: () => undefined,
  bigint: ({ value }) => BigInt(String(value)),
  number: ({ value }) => Number(value),
  date: ({ value }) => new Date(Number(value)),
  error: ({ kind = '', value, stack }) => {
    const Type = errorTypes[kind] ?? Error;
    return Object.assign(new Type(String(value)), { stack });
  },
  map: ({ value }) =>
    new Map((value as [unknown, unknown][]).map(([key, item]) => [decode(key), decode(item)])),
  set: ({ value }) => new Set((value as unknown[]).map(decode)),
  buffer: ({ value }) => fromBase64(String(value)).buffer,
  view: ({ kind = '', value }) => {
    const Type = viewTypes[kind] ?? Uint8Array;
    return new Type(fromBase64(String(value)).buffer);
  },
  object: ({ value }) => decodeFields(value as object),
};

function decodeTagged(tagged: Tagged): unknown {
  const decoder = decoders[tagged.$];
  if (decoder === undefined) throw new Error(`Unknown tag ${tagged.$}`);
  return decoder(tagged);
}

function toBase64(bytes: Uint8Array): string {
  const blockLength = 0x8000;
  let binary = '';
  for (let start = 0; start < bytes.length; start += blockLength) {
    binary += String.fromCharCode(...bytes.subarray(start, start + blockLength));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
