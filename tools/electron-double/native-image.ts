// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync, readFileSync } from 'node:fs';

type Implemented = Pick<
  Electron.NativeImage,
  'getSize' | 'isEmpty' | 'isTemplateImage' | 'resize' | 'setTemplateImage' | 'toDataURL' | 'toPNG'
>;

/** Holds the bytes of an image; nothing is decoded or scaled. */
export class NativeImage implements Implemented {
  readonly #png: Buffer;
  #isTemplate = false;

  constructor(png: Buffer) {
    this.#png = png;
  }

  static createEmpty(): NativeImage {
    return new NativeImage(Buffer.alloc(0));
  }

  static createFromBuffer(buffer: Buffer): NativeImage {
    return new NativeImage(buffer);
  }

  static createFromPath(path: string): NativeImage {
    return new NativeImage(existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
  }

  static createFromDataURL(url: string): NativeImage {
    return new NativeImage(Buffer.from(url.split(',')[1] ?? '', 'base64'));
  }

  isEmpty(): boolean {
    return this.#png.length === 0;
  }

  toPNG(): Buffer {
    return this.#png;
  }

  toDataURL(): string {
    return `data:image/png;base64,${this.#png.toString('base64')}`;
  }

  /** As the PNG's own header says. */
  getSize(): Electron.Size {
    const hasHeader = this.#png.length >= 24;
    return {
      width: hasHeader ? this.#png.readUInt32BE(16) : 0,
      height: hasHeader ? this.#png.readUInt32BE(20) : 0,
    };
  }

  resize(): Electron.NativeImage {
    return this as unknown as Electron.NativeImage;
  }

  setTemplateImage(option: boolean): void {
    this.#isTemplate = option;
  }

  isTemplateImage(): boolean {
    return this.#isTemplate;
  }
}
