// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { getCurrentScope, onScopeDispose, shallowRef } from 'vue';
import type { MenuCommand } from '#shared/ipc/commands.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import { useClient } from '../bridge/use-client.ts';

/** The menu's own `lock` goes to main at once; in the window it is a command like the others. */
export type WindowCommand = MenuCommand | 'lock';

/**
 * Where the menu's commands and the keyboard's shortcuts arrive, and where a feature says what it
 * does about one:
 *
 *     useCommands().handle('verify', () => { … });
 */
export const useCommands = defineStore('commands', () => {
  const client = useClient();
  const handlers = new Map<WindowCommand, Set<() => void>>();

  /** @returns whether anybody did something about it */
  function run(command: WindowCommand): boolean {
    const those = [...(handlers.get(command) ?? [])];
    for (const handle of those) handle();
    return those.length > 0;
  }

  /** Holds as long as the component that calls it. */
  function handle(command: WindowCommand, handler: () => void): void {
    const those = handlers.get(command) ?? new Set();
    handlers.set(command, those.add(handler));
    if (getCurrentScope() !== undefined) onScopeDispose(() => those.delete(handler));
  }

  /** The chat whose notification the user clicked; a new object for each click. */
  const wanted = shallowRef<{ readonly id: ConversationId }>();

  onScopeDispose(client.on('app.command', run));
  onScopeDispose(
    client.on('conversation.show', (id) => {
      wanted.value = { id };
    }),
  );

  return { run, handle, wanted };
});
