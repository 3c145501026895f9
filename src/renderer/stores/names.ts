// SPDX-License-Identifier: GPL-3.0-or-later

import type { DeviceName } from '#shared/model/conversation.ts';

const MOST_NAME = 48;
/** The protocol's own limit for a device's label. */
const MOST_LABEL = 53;
const MOST_QUESTION = 300;

const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const CONTROLS = /\p{Cc}+/gu;
/** Cannot disturb the sentence around it, whichever way that runs. */
const HARMLESS = /^[\p{Script=Latin}\p{M}\p{N} .'’_-]*$/u;
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/** Nothing in it can turn the text around it or break its line. */
const calm = (text: string): string => text.replace(BIDI_CONTROLS, '').replace(CONTROLS, ' ');

function cut(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most).join('')}…`;
}

/** For a sentence or an attribute; where the text stands alone, `<bdi>` does the same. */
export const isolate = (text: string): string =>
  HARMLESS.test(text) ? text : `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}`;

/** A contact's name as it may stand in Sotto's own sentences. */
export const toSpokenName = (name: string): string => isolate(cut(calm(name), MOST_NAME));

/** What the device calls itself, or its tag. Untrusted, so it is always shown in quotes. */
export const toDeviceLabel = ({ label, instanceTag }: Omit<DeviceName, 'shared'>): string =>
  label === undefined || label.trim() === '' ? instanceTag : cut(calm(label), MOST_LABEL);

/** As it stands in a sentence, where nothing else could tell two devices with one label apart. */
const toWholeLabel = (name: DeviceName): string =>
  name.shared === true ? `${toDeviceLabel(name)} (${name.instanceTag})` : toDeviceLabel(name);

const isNamed = ({ label }: DeviceName): boolean => label !== undefined && label.trim() !== '';

/** A device in a sentence: its label in quotes, or its number. `key` says which of the two. */
export interface SpokenDevice {
  readonly key: 'conversation.device.named' | 'conversation.device.numbered';
  readonly device: string;
}

export const toSpokenDevice = (device: DeviceName): SpokenDevice => ({
  key: isNamed(device) ? 'conversation.device.named' : 'conversation.device.numbered',
  device: isolate(toWholeLabel(device)),
});

/** A question from the other side: plain, cut, on its own. */
export const toShownQuestion = (question: string): string => cut(calm(question), MOST_QUESTION);
