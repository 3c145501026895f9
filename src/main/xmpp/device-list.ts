// SPDX-License-Identifier: GPL-3.0-or-later

import { cleanLabel } from '#shared/model/device-label.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import { limits } from './limits.ts';
import type { ListedDevice } from './wire.ts';

/** Where an account lists its devices. @see xep */
export const DEVICES_NODE = 'urn:xmpp:otr:1:devices';

/** A device as the list names it, before anything has been looked at. */
export interface RawDevice {
  readonly id: string | undefined;
  readonly label: string | undefined;
}

/** Smaller values are reserved. @see OTRv4 "Instance Tags" */
const MIN_TAG = 0x100;
const TAG = /^(?:0x)?([0-9a-f]{1,8})$/i;

/** One to eight hexadecimal digits in either case, with or without `0x` (xep S-01). */
export function parseTag(text: string | undefined): number | undefined {
  const digits = TAG.exec(text ?? '')?.[1];
  const tag = digits === undefined ? 0 : Number.parseInt(digits, 16);
  return tag < MIN_TAG ? undefined : tag;
}

/** The first devices of a list that make sense, each once. What does not make sense is passed over. */
export function readDeviceList(raw: readonly RawDevice[]): readonly ListedDevice[] {
  const devices = new Map<number, ListedDevice>();
  for (const { id, label } of raw) {
    if (devices.size >= limits.devicesRead) break;
    const tag = parseTag(id);
    if (tag === undefined || devices.has(tag)) continue;
    const cleaned = cleanLabel(label ?? '');
    devices.set(tag, { tag, label: cleaned === '' ? undefined : cleaned });
  }
  return [...devices.values()];
}

/** What we write of a list: never more than others have to read. */
export const toRawDevices = (devices: readonly ListedDevice[]): readonly RawDevice[] =>
  devices.slice(0, limits.devicesWritten).map(({ tag, label }) => ({ id: formatTag(tag), label }));
