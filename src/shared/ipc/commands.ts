// SPDX-License-Identifier: GPL-3.0-or-later

/** What the application menu and its shortcuts may ask the window to do. */
export type MenuCommand =
  | 'new-chat'
  | 'find-chat'
  | 'search-all'
  | 'next-chat'
  | 'previous-chat'
  | 'toggle-panel'
  | 'start-off-the-record'
  | 'end-off-the-record'
  | 'verify'
  | 'clear-off-the-record'
  | 'settings'
  | 'shortcuts'
  | 'next-region'
  | 'previous-region';
