// SPDX-License-Identifier: GPL-3.0-or-later
import { describe, expect, it } from 'vitest';

import { OtrError, tryRead } from '#otr/errors.ts';

const thrown = (error: Error) => (): unknown => {
  throw error;
};

describe('reading what may be malformed', () => {
  it('gives what was read, or nothing', () => {
    expect(tryRead(() => 7)).toBe(7);
    expect(tryRead(thrown(new OtrError('truncated', 'version')))).toBeUndefined();
  });

  it('otr:T-222 takes no fault of our own for a malformed message', () => {
    expect(() => tryRead(thrown(new RangeError('ours')))).toThrow(RangeError);
    expect(() => tryRead(thrown(new TypeError('ours')))).toThrow(TypeError);
  });

  it('says where and what kind, and nothing else', () => {
    const error = new OtrError('bad-tag', 'sender-tag');
    expect(error.message).toBe('bad-tag at sender-tag');
    expect([error.name, error.code, error.field]).toEqual(['OtrError', 'bad-tag', 'sender-tag']);
  });
});
