// SPDX-License-Identifier: GPL-3.0-or-later

import { onScopeDispose, ref, type Ref, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { useErrorText } from '../../i18n/use-error-text.ts';
import { useApp } from '../../stores/app.ts';
import { useCommands } from '../../stores/commands.ts';
import { useContacts } from '../../stores/contacts.ts';
import { useNotices } from '../../stores/notices.ts';
import { focusRegion } from './regions.ts';
import { shortcutOf } from './shortcuts.ts';

/** Whoever answers a question is not taken elsewhere by a slip of the fingers. */
const modalOpen = (): boolean =>
  document.querySelector('[role=dialog], [role=alertdialog]') !== null;

/** What the frame itself does about commands: going from chat to chat, regions, settings, the sheet. */
export function useFrameCommands(): {
  readonly shortcutsOpen: Ref<boolean>;
  readonly clearOpen: Ref<boolean>;
} {
  const app = useApp();
  const commands = useCommands();
  const contacts = useContacts();
  const notices = useNotices();
  const errorText = useErrorText();
  const router = useRouter();
  const route = useRoute();
  const shortcutsOpen = ref(false);
  const clearOpen = ref(false);

  async function step(by: 1 | -1): Promise<void> {
    const ids = contacts.list.map(({ id }) => id);
    if (ids.length === 0) return;
    const at = ids.findIndex((id) => String(id) === route.params.id);
    const next = at === -1 ? (by === 1 ? 0 : ids.length - 1) : at + by;
    const id = ids[(next + ids.length) % ids.length];
    if (id !== undefined) await router.push({ name: 'chat', params: { id } });
  }

  watch(
    () => commands.wanted,
    (wanted) => {
      if (wanted === undefined || modalOpen()) return;
      void router.push({ name: 'chat', params: { id: wanted.id } });
    },
  );
  /** Where the key store opens the profile by itself, there is first a passphrase to choose. */
  async function lock(): Promise<void> {
    const failure = await app.lock();
    if (failure === undefined) return;
    notices.show({ text: errorText(failure) ?? '' });
    await router.push({ name: 'settings', params: { section: 'locking' } });
  }

  commands.handle('lock', () => void lock());
  commands.handle('next-chat', () => void step(1));
  commands.handle('previous-chat', () => void step(-1));
  commands.handle('settings', () => void router.push({ name: 'settings' }));
  commands.handle('next-region', () => {
    focusRegion(1);
  });
  commands.handle('previous-region', () => {
    focusRegion(-1);
  });
  commands.handle('shortcuts', () => {
    shortcutsOpen.value = true;
  });

  commands.handle('clear-off-the-record', () => {
    clearOpen.value = true;
  });

  function press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const name = shortcutOf(event, app.view.platform === 'mac');
    if (name === undefined) return;
    if ((name !== 'lock' && modalOpen()) || !commands.run(name)) return;
    // Handled here, so the menu's accelerator must not do it again.
    event.preventDefault();
  }

  window.addEventListener('keydown', press);
  onScopeDispose(() => {
    window.removeEventListener('keydown', press);
  });

  return { shortcutsOpen, clearOpen };
}
