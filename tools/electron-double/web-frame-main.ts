// SPDX-License-Identifier: GPL-3.0-or-later
import { originOf } from './scheme-urls.ts';
import type { WebContents } from './web-contents.ts';

type Implemented = Pick<
  Electron.WebFrameMain,
  | 'detached'
  | 'executeJavaScript'
  | 'frameToken'
  | 'frameTreeNodeId'
  | 'isDestroyed'
  | 'name'
  | 'origin'
  | 'processId'
  | 'routingId'
  | 'send'
  | 'url'
>;

/** The main frame of a window. The double gives no preload to other frames, so they never send. */
export class WebFrameMain implements Implemented {
  readonly detached = false;
  readonly frameTreeNodeId: number;
  readonly name = '';
  readonly parent = null;
  readonly processId: number;
  readonly routingId = 1;
  readonly #contents: WebContents;

  constructor(contents: WebContents) {
    this.#contents = contents;
    this.frameTreeNodeId = contents.id;
    this.processId = contents.id;
  }

  get top(): this {
    return this;
  }

  get frames(): readonly WebFrameMain[] {
    return [];
  }

  get frameToken(): string {
    return this.#contents.targetId;
  }

  get url(): string {
    return this.#contents.getURL();
  }

  get origin(): string {
    return originOf(this.url);
  }

  isDestroyed(): boolean {
    return this.#contents.isDestroyed();
  }

  send(channel: string, ...args: unknown[]): void {
    this.#contents.send(channel, ...args);
  }

  executeJavaScript(code: string): Promise<unknown> {
    return this.#contents.executeJavaScript(code);
  }
}
