// SPDX-License-Identifier: GPL-3.0-or-later
import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { createDispatch } from '#main/ipc/dispatch.ts';
import { AppFailure } from '#shared/errors/app-failure.ts';
import { event, request } from '#shared/ipc/channel.ts';

const contract = {
  'thing.changed': event<number>(),
  'thing.fail': request(v.strictObject({})).returns<undefined>(),
  'thing.break': request(v.strictObject({})).returns<undefined>(),
  'thing.double': request(v.strictObject({ value: v.number() })).returns<number>(),
} as const;

function build() {
  const onBug = vi.fn();
  const double = vi.fn(({ value }: { value: number }) => 2 * value);
  const dispatch = createDispatch(
    contract,
    {
      'thing.double': double,
      'thing.fail': () => {
        throw new AppFailure('vault-wait', { params: { retryAt: 5 }, cause: new Error('secret') });
      },
      'thing.break': () => {
        throw new TypeError('a value from the wire');
      },
    },
    onBug,
  );
  return { dispatch, onBug, double };
}

describe('dispatch', () => {
  it('calls the handler with the validated input', async () => {
    const { dispatch } = build();
    expect(await dispatch('thing.double', { value: 21 })).toEqual({ ok: true, value: 42 });
  });

  it.each([
    ['an unknown name', 'thing.unknown', {}],
    ['an event', 'thing.changed', {}],
    ['a name of every object', 'constructor', {}],
    ['a name of every object', '__proto__', {}],
    ['a name of every object', 'toString', {}],
    ['a missing field', 'thing.double', {}],
    ['a field of another type', 'thing.double', { value: '21' }],
    ['a field too many', 'thing.double', { value: 21, more: 1 }],
    ['nothing', 'thing.double', undefined],
  ])('refuses %s (%s) and calls nobody', async (_what, name, input) => {
    const { dispatch, double } = build();
    expect(await dispatch(name, input)).toEqual({ ok: false, error: { code: 'input-invalid' } });
    expect(double).not.toHaveBeenCalled();
  });

  it('tells the user what a service wants told, without the cause', async () => {
    const { dispatch, onBug } = build();
    expect(await dispatch('thing.fail', {})).toEqual({
      ok: false,
      error: { code: 'vault-wait', params: { retryAt: 5 } },
    });
    expect(onBug).not.toHaveBeenCalled();
  });

  it('reports anything else as a bug, of which the window learns nothing', async () => {
    const { dispatch, onBug } = build();
    expect(await dispatch('thing.break', {})).toEqual({ ok: false, error: { code: 'internal' } });
    expect(onBug).toHaveBeenCalledOnce();
  });
});
