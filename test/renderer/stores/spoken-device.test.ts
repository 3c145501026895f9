// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { toSpokenDevice } from '../../../src/renderer/stores/names.ts';

const instanceTag = 'c45b041c';

describe('ux:2.5.8 a device in a sentence', () => {
  it('is its label, in quotes', () => {
    expect(toSpokenDevice({ label: 'Laptop', instanceTag })).toEqual({
      key: 'conversation.device.named',
      device: 'Laptop',
    });
  });

  it.each([undefined, '', '   '])('is its number where the label is %j', (label) => {
    expect(toSpokenDevice({ label, instanceTag })).toEqual({
      key: 'conversation.device.numbered',
      device: instanceTag,
    });
  });

  it('cannot turn the sentence around', () => {
    const { device } = toSpokenDevice({ label: 'Lap\u202etop\u0007 שלום', instanceTag });
    expect(device).toBe('\u2068Laptop  שלום\u2069');
  });
});
