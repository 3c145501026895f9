// SPDX-License-Identifier: GPL-3.0-or-later

type Implemented = Pick<
  Electron.Shell,
  'openExternal' | 'openPath' | 'showItemInFolder' | 'trashItem'
>;

/** `shell`: what would have left the application is written down. */
export class Shell implements Implemented {
  readonly opened: string[] = [];

  async openExternal(url: string): Promise<void> {
    this.opened.push(url);
  }

  async openPath(path: string): Promise<string> {
    this.opened.push(path);
    return '';
  }

  showItemInFolder(path: string): void {
    this.opened.push(path);
  }

  async trashItem(path: string): Promise<void> {
    this.opened.push(path);
  }
}
