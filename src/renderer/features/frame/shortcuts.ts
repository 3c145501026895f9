// SPDX-License-Identifier: GPL-3.0-or-later

import type { WindowCommand } from '../../stores/commands.ts';

export interface Shortcut {
  readonly name: WindowCommand;
  /** As in KeyboardEvent.key, letters in lower case. */
  readonly key: string;
  /** Ctrl, or Command on macOS. */
  readonly main?: boolean;
  readonly shift?: boolean;
  readonly alt?: boolean;
  /** Works too, and is not listed. */
  readonly second?: boolean;
}

export const shortcutGroups = {
  chats: [
    { name: 'new-chat', key: 'n', main: true },
    { name: 'find-chat', key: 'k', main: true },
    { name: 'search-all', key: 'f', main: true, shift: true },
    { name: 'next-chat', key: 'ArrowDown', alt: true },
    { name: 'next-chat', key: 'Tab', main: true, second: true },
    { name: 'previous-chat', key: 'ArrowUp', alt: true },
    { name: 'previous-chat', key: 'Tab', main: true, shift: true, second: true },
  ],
  'off-the-record': [
    { name: 'start-off-the-record', key: 'o', main: true, shift: true },
    { name: 'end-off-the-record', key: 'e', main: true, shift: true },
    { name: 'verify', key: 'y', main: true, shift: true },
    { name: 'toggle-panel', key: 'p', main: true, shift: true },
    { name: 'clear-off-the-record', key: 'Delete', main: true, shift: true },
  ],
  window: [
    { name: 'settings', key: ',', main: true },
    { name: 'shortcuts', key: '/', main: true },
    { name: 'next-region', key: 'F6' },
    { name: 'previous-region', key: 'F6', shift: true },
    { name: 'lock', key: 'l', main: true },
  ],
} as const satisfies Readonly<Record<string, readonly Shortcut[]>>;

export const shortcuts: readonly Shortcut[] = Object.values(shortcutGroups).flat();

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** What a key press asks for, if anything. */
export function shortcutOf(pressed: Pressed, mac: boolean): WindowCommand | undefined {
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  const main = mac ? pressed.metaKey : pressed.ctrlKey;
  const other = mac ? pressed.ctrlKey : pressed.metaKey;
  if (other) return undefined;
  return shortcuts.find(
    (shortcut) =>
      shortcut.key === key &&
      (shortcut.main ?? false) === main &&
      (shortcut.shift ?? false) === pressed.shiftKey &&
      (shortcut.alt ?? false) === pressed.altKey,
  )?.name;
}

const arrows: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑' };

/** What is printed on keys of which the name is a word. */
export type KeyWords = Readonly<Record<'ctrl' | 'alt' | 'shift' | 'delete', string>>;

/** The key caps of a shortcut, in the order in which they are pressed. */
export function capsOf(shortcut: Shortcut, mac: boolean, words: KeyWords): readonly string[] {
  const last = shortcut.key === 'Delete' ? words.delete : (arrows[shortcut.key] ?? shortcut.key);
  return [
    ...(shortcut.main === true ? [mac ? '⌘' : words.ctrl] : []),
    ...(shortcut.alt === true ? [mac ? '⌥' : words.alt] : []),
    ...(shortcut.shift === true ? [mac ? '⇧' : words.shift] : []),
    last.length === 1 ? last.toUpperCase() : last,
  ];
}
