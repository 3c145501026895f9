// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { createEvent } from './event.ts';
import { host } from './host.ts';

type Options = Electron.MenuItemConstructorOptions;
type ItemFields = Pick<
  Electron.MenuItem,
  'checked' | 'click' | 'enabled' | 'id' | 'label' | 'registerAccelerator' | 'type' | 'visible'
>;
type MenuMethods = Pick<Electron.Menu, 'closePopup' | 'popup'>;

/** A menu item: `click()` does what a user's click does, with the state checks of one. */
export class MenuItem implements ItemFields {
  readonly accelerator: string | null;
  readonly role: Options['role'];
  readonly submenu: Menu | undefined;
  readonly registerAccelerator: boolean;
  readonly type: Electron.MenuItem['type'];
  checked: boolean;
  enabled: boolean;
  id: string;
  label: string;
  visible: boolean;
  readonly #options: Options;

  constructor(options: Options) {
    const { submenu } = options;
    this.#options = options;
    this.accelerator = options.accelerator ?? null;
    this.role = options.role;
    this.submenu = Array.isArray(submenu) ? Menu.buildFromTemplate(submenu) : undefined;
    this.registerAccelerator = options.registerAccelerator ?? true;
    this.type = options.type ?? (submenu === undefined ? 'normal' : 'submenu');
    this.checked = options.checked ?? false;
    this.enabled = options.enabled ?? true;
    this.id = options.id ?? '';
    this.label = options.label ?? options.role ?? '';
    this.visible = options.visible ?? true;
  }

  readonly click = (): void => {
    if (!this.enabled || !this.visible) return;
    if (this.type === 'checkbox') this.checked = !this.checked;
    const window = host().windows.focused ?? host().windows.latest;
    if (this.role === 'quit') host().app.quit();
    else if (this.role === 'close') window?.close();
    else if (this.role === 'minimize') window?.minimize();
    // The application's handler sees the double's own classes where Electron's are promised.
    const handler = this.#options.click as ((...args: readonly unknown[]) => void) | undefined;
    handler?.(this, window, createEvent());
  };
}

export class Menu extends EventEmitter implements MenuMethods {
  static #application: Menu | null = null;
  /** The context menu that was opened last. */
  static popped: Menu | null = null;
  readonly items: MenuItem[] = [];

  static buildFromTemplate(template: readonly (Options | MenuItem)[]): Menu {
    const menu = new Menu();
    for (const each of template) menu.append(each instanceof MenuItem ? each : new MenuItem(each));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }

  append(item: MenuItem): void {
    this.items.push(item);
  }

  insert(position: number, item: MenuItem): void {
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  popup(): void {
    Menu.popped = this;
    this.emit('menu-will-show', createEvent());
  }

  closePopup(): void {
    if (Menu.popped === this) Menu.popped = null;
    this.emit('menu-will-close', createEvent());
  }
}
