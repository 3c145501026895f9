// SPDX-License-Identifier: GPL-3.0-or-later

import { ARMOR_PREFIX, formatArmor, parseArmor } from '#otr/codec/armor.ts';
import { formatFragment } from '#otr/codec/fragment.ts';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import type { Field } from './fields.ts';
import { mutateBytes } from './mutate-bytes.ts';
import type { Rng } from './random.ts';

/** Stands between the bodies of an input that is a sequence of them; XML has no such character. */
export const BODY_SEPARATOR = '\u001e';

export interface TextChange {
  readonly rng: Rng;
  readonly text: string;
  readonly donor: string;
  readonly dictionary: readonly Uint8Array[];
  /** Where the fields of an encoded message stand. */
  readonly fieldsOf: (bytes: Uint8Array) => readonly Field[];
}

type Mutation = (change: TextChange) => string;

/** Characters that texts have been misread for. */
const CHARACTERS = [
  ...Array.from('?OTR:|.,v34= \t\n\r\0+/-_%&<A'),
  '\u00a0',
  '\u200b',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ufffe',
  '\uff1f',
  '\uff10',
  '\u0130',
  '\u017f',
  'e\u0301',
  '\ud83d\ude00',
  '\ud800',
  '\udc00',
  BODY_SEPARATOR,
];

const TOKENS = [
  '?OTR:',
  '?OTR|',
  '?OTRP|',
  '?OTRP|1|2|3,1,2,AAQ,',
  '?OTR Error:',
  '?OTR Error: ERROR_1:',
  '?OTRv4?',
  '?OTRv34?',
  '?OTR?v4?',
  '?OTR?',
  '?OTRv?',
  '?OTR:AAQD',
  '?OTR:AAMD',
  '?OTR:===.',
  ' \t  \t\t\t\t \t \t \t  ',
  '  \t\t \t  ',
  '  \t\t  \t\t',
  ',00001,00002,',
  '.',
];

const NUMBERS = ['0', '1', '2', '00000', '1023', '1024', '1025', '65535', '65536', '99999', '-1'];
const TAGS = ['0', 'ff', '100', '7fffffff', '80000000', 'ffffffff', '100000000'];

function at(rng: Rng, text: string): number {
  return rng.below(text.length + 1);
}

function replaced(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

const insert: Mutation = ({ rng, text }) => {
  const place = at(rng, text);
  return replaced(text, place, place, rng.pick(rng.once(3) ? TOKENS : CHARACTERS));
};

const overwrite: Mutation = ({ rng, text }) => {
  const place = at(rng, text);
  return replaced(text, place, place + 1, rng.pick(CHARACTERS));
};

const remove: Mutation = ({ rng, text }) => {
  const place = at(rng, text);
  return replaced(text, place, place + 1 + rng.below(8), '');
};

const truncate: Mutation = ({ rng, text }) => text.slice(0, at(rng, text));

const splice: Mutation = ({ rng, text, donor }) =>
  text.slice(0, at(rng, text)) + donor.slice(at(rng, donor));

const wrap: Mutation = ({ rng, text }) => rng.pick(TOKENS) + text + rng.pick([...TOKENS, '']);

const repeat: Mutation = ({ rng, text }) => {
  const from = at(rng, text);
  const unit = text.slice(from, from + 1 + rng.below(64));
  const most = rng.once(40) ? 600_000 : 2000;
  const times = rng.below(Math.max(1, Math.floor(most / Math.max(1, unit.length))));
  return replaced(text, from, from, unit.repeat(times));
};

const changeNumber: Mutation = ({ rng, text }) => {
  const found = [...text.matchAll(/(?<=[,|])[0-9a-f]{1,8}(?=[,|])/gi)];
  if (found.length === 0)
    return insert({ rng, text, donor: '', dictionary: [], fieldsOf: noFields });
  const match = rng.pick(found);
  return replaced(
    text,
    match.index,
    match.index + match[0].length,
    rng.pick([...NUMBERS, ...TAGS]),
  );
};

const noFields = (): readonly Field[] => [];

/** Other spellings of the same bytes, and what only looks like one. */
const respell: Mutation = ({ rng, text }) =>
  rng.pick([
    () => text.replace(/=+\.$/, '.'),
    () => text.replace(/\.$/, '=.'),
    () => text.replace(/\.$/, '==.'),
    () => text.replaceAll('+', '-').replaceAll('/', '_'),
    () => text.toLowerCase(),
    () => text.toUpperCase(),
    () => text.replace(/.{64}/g, (line) => `${line}\n`),
    () => ` ${text}\n`,
    () =>
      text.replace(/([A-Za-z0-9+/])(=*)\.$/, (_, last: string, pad: string) => {
        const stray = String.fromCharCode(last.charCodeAt(0) + 1);
        return `${stray}${pad}.`;
      }),
    () => text.normalize('NFKC'),
  ])();

const FORMS: readonly Mutation[] = [
  insert,
  insert,
  overwrite,
  overwrite,
  remove,
  truncate,
  splice,
  wrap,
  changeNumber,
  changeNumber,
  respell,
];

interface Armor {
  readonly parse: (text: string) => Uint8Array;
  readonly format: (bytes: Uint8Array) => string;
}

const OTR: Armor = { parse: parseArmor, format: formatArmor };
const PREKEY: Armor = { parse: parsePrekeyArmor, format: formatPrekeyArmor };

function armorOf(text: string): Armor {
  return text.trim().startsWith(ARMOR_PREFIX) ? OTR : PREKEY;
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return armorOf(text).parse(text.trim());
  } catch {
    return undefined;
  }
}

/** Changes the bytes inside the armour, which a change of its text seldom gets past. */
function mutateInside(change: TextChange, bytes: Uint8Array): string {
  const { rng, text, donor, dictionary, fieldsOf } = change;
  const other = decoded(rng.pick(donor.split(BODY_SEPARATOR))) ?? bytes;
  const changed = mutateBytes({
    rng,
    sample: { bytes, fields: fieldsOf(bytes) },
    donor: { bytes: other, fields: fieldsOf(other) },
    dictionary,
  });
  return armorOf(text).format(changed);
}

function mutateBody(change: TextChange): string {
  const { rng, text } = change;
  const bytes = rng.once(4) ? undefined : decoded(text);
  if (bytes !== undefined) return mutateInside(change, bytes);
  return rng.once(80) ? repeat(change) : rng.pick(FORMS)(change);
}

/** An encoded message in pieces, in any order, as its sender might have cut it. */
function fragmented(rng: Rng, body: string): readonly string[] {
  const bytes = decoded(body);
  if (bytes === undefined || bytes.length < 11) return [body];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [sender, receiver] = [view.getUint32(3), view.getUint32(7)];
  if (sender < 0x100 || (receiver !== 0 && receiver < 0x100)) return [body];
  const total = 1 + rng.below(5);
  const size = Math.max(1, Math.ceil(body.length / total));
  const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, k) =>
    formatFragment({
      identifier: 7,
      senderTag: validateInstanceTag(sender, 'sender-tag'),
      receiverTag: receiver === 0 ? 0 : validateInstanceTag(receiver, 'receiver-tag'),
      index: k + 1,
      total: Math.ceil(body.length / size),
      piece: body.slice(k * size, (k + 1) * size),
    }),
  );
  return rng.once(2) ? pieces : pieces.toReversed();
}

const MOST_BODIES = 12;

/** One piece each of many messages that never complete. */
function flood(body: string): readonly string[] {
  return Array.from({ length: MOST_BODIES }, (_, k) =>
    body.replace(/^\?OTR\|[^|]*/, `?OTR|${k.toString(16)}`),
  );
}

/** One change to one body, or to the sequence of bodies. */
export function mutateText(change: TextChange, isSequence: boolean): string {
  const { rng, text, donor } = change;
  if (!isSequence) return mutateBody(change);
  const bodies = text.split(BODY_SEPARATOR);
  const k = rng.below(bodies.length);
  const body = bodies[k] ?? '';
  const changed = rng.pick([
    ...Array.from({ length: 8 }, () => () => bodies.with(k, mutateBody({ ...change, text: body }))),
    () => bodies.toSpliced(k, 0, body),
    () => bodies.toSpliced(k, 1),
    () => bodies.toSpliced(k, 0, rng.pick(donor.split(BODY_SEPARATOR))),
    () => bodies.toSpliced(k, 1, ...fragmented(rng, body)),
    () => [...bodies.slice(k), ...bodies.slice(0, k)],
    () => (body.startsWith('?OTR|') ? flood(body) : bodies.toReversed()),
  ])();
  return changed.slice(0, MOST_BODIES).join(BODY_SEPARATOR);
}
