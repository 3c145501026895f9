// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import type { Menu } from './menu.ts';
import type { NativeImage } from './native-image.ts';

type Implemented = Pick<
  Electron.Tray,
  'destroy' | 'getTitle' | 'isDestroyed' | 'setTitle' | 'setToolTip'
>;

/** `Tray`: lists the icons that exist, with what they show. */
export class Tray extends EventEmitter implements Implemented {
  static readonly all: Tray[] = [];
  image: NativeImage | string;
  contextMenu: Menu | null = null;
  toolTip = '';
  #title = '';

  constructor(image: NativeImage | string) {
    super();
    this.image = image;
    Tray.all.push(this);
  }

  setImage(image: NativeImage | string): void {
    this.image = image;
  }

  setToolTip(toolTip: string): void {
    this.toolTip = toolTip;
  }

  setContextMenu(menu: Menu | null): void {
    this.contextMenu = menu;
  }

  setTitle(title: string): void {
    this.#title = title;
  }

  getTitle(): string {
    return this.#title;
  }

  isDestroyed(): boolean {
    return !Tray.all.includes(this);
  }

  destroy(): void {
    const index = Tray.all.indexOf(this);
    if (index >= 0) Tray.all.splice(index, 1);
  }
}
