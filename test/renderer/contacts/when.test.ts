// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { formatWhen } from '../../../src/renderer/features/contacts/when.ts';

const now = new Date(2026, 4, 14, 15, 0).getTime();
const at = (month: number, day: number, year = 2026): number =>
  new Date(year, month, day, 9, 5).getTime();

describe('when something was said', () => {
  it('is a time today, a weekday this week, a date before, with the year when it is another', () => {
    expect(formatWhen(at(4, 14), now, 'en-GB')).toBe('09:05');
    expect(formatWhen(at(4, 13), now, 'en-GB')).toBe('Wed');
    expect(formatWhen(at(4, 8), now, 'en-GB')).toBe('Fri');
    expect(formatWhen(at(4, 7), now, 'en-GB')).toBe('7 May');
    expect(formatWhen(at(11, 24, 2025), now, 'en-GB')).toBe('24/12/25');
  });

  it('is written in the manner of the locale', () => {
    expect(formatWhen(at(4, 13), now, 'de')).toBe('Mi');
    expect(formatWhen(at(4, 7), now, 'de')).toBe('7. Mai');
  });

  it('says a time for a clock that runs ahead', () => {
    expect(formatWhen(at(4, 15), now, 'en-GB')).toBe('09:05');
  });
});
