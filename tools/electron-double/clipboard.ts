// SPDX-License-Identifier: GPL-3.0-or-later

/** `clipboard`: text only, and the application's own, not the desktop's. */
export class Clipboard implements Pick<
  Electron.Clipboard,
  'clear' | 'has' | 'readText' | 'writeText'
> {
  text = '';

  async readText(): Promise<string> {
    return this.text;
  }

  async writeText(text: string): Promise<void> {
    this.text = text;
  }

  clear(): void {
    this.text = '';
  }

  async has(mimeType: string): Promise<boolean> {
    return mimeType === 'text/plain' && this.text !== '';
  }
}
