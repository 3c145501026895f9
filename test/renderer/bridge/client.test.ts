// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../../../src/renderer/bridge/client.ts';
import { ok } from '../../../src/shared/std/result.ts';

function fakeBridge() {
  const heard: ((name: string, payload: unknown) => void)[] = [];
  return {
    request: vi.fn(() => Promise.resolve(ok('reply'))),
    subscribe: vi.fn((listen: (name: string, payload: unknown) => void) => {
      heard.push(listen);
      return () => undefined;
    }),
    say: (name: string, payload: unknown) => {
      for (const listen of heard) listen(name, payload);
    },
  };
}

describe('the client over the bridge', () => {
  it('passes a request on and gives its answer back', async () => {
    const bridge = fakeBridge();
    const client = createClient(bridge);
    expect(await client.request('vault.lock', {})).toEqual(ok('reply'));
    expect(bridge.request).toHaveBeenCalledWith('vault.lock', {});
  });

  it('subscribes once, whatever the number of listeners, and tells each only its own events', () => {
    const bridge = fakeBridge();
    const client = createClient(bridge);
    const first = vi.fn();
    const second = vi.fn();
    client.on('contact.removed', first);
    client.on('app.command', second);
    bridge.say('contact.removed', 3);
    bridge.say('__proto__', 4);
    expect(bridge.subscribe).toHaveBeenCalledTimes(1);
    expect(first.mock.calls).toEqual([[3]]);
    expect(second).not.toHaveBeenCalled();
  });

  it('stops telling whoever stopped listening', () => {
    const bridge = fakeBridge();
    const listen = vi.fn();
    const stop = createClient(bridge).on('app.command', listen);
    stop();
    bridge.say('app.command', 'verify');
    expect(listen).not.toHaveBeenCalled();
  });
});
