// SPDX-License-Identifier: GPL-3.0-or-later

import type { Component } from 'vue';

export interface MenuChoice {
  readonly id: string;
  readonly label: string;
  readonly icon?: Component;
  readonly danger?: boolean;
  readonly disabled?: boolean;
}

/** `line` separates groups. */
export type MenuEntry = MenuChoice | 'line';
