// SPDX-License-Identifier: GPL-3.0-or-later
import type { Protocol } from './cdp.ts';
import { createEvent } from './event.ts';
import { host } from './host.ts';
import type { InvokeEvent } from './ipc-main.ts';
import type { Page } from './page.ts';
import type { WebContents } from './web-contents.ts';
import { isolatedWorld, receiveFunction, sendBinding } from './world-source.ts';
import { decodeMessage, encodeMessage } from './world/codec.ts';
import type { FromMain, ToMain } from './world/preload-runtime.ts';

type Context = Protocol.Runtime.ExecutionContextDescription;

/** Messages between main and the isolated world of one page. */
export class RendererPipe {
  readonly #contents: WebContents;
  readonly #page: Page;
  #contextId: number | undefined;

  constructor(contents: WebContents, page: Page) {
    this.#contents = contents;
    this.#page = page;
    page.on('Runtime.executionContextCreated', ({ context }) => {
      if (this.#isOurs(context)) this.#contextId = context.id;
    });
    page.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (this.#contextId === executionContextId) this.#contextId = undefined;
    });
    page.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== sendBinding) return;
      this.#receive(decodeMessage(payload) as ToMain, executionContextId);
    });
  }

  deliver(message: FromMain): void {
    const contextId = this.#contextId;
    if (contextId === undefined) return;
    const expression = `${receiveFunction}(${JSON.stringify(encodeMessage(message))})`;
    this.#page.send('Runtime.evaluate', { contextId, expression }).catch(() => undefined);
  }

  #isOurs({ name, auxData }: Context): boolean {
    const { frameId } = (auxData ?? {}) as { readonly frameId?: string };
    return name === isolatedWorld && frameId === this.#contents.mainFrameId;
  }

  #receive(message: ToMain, contextId: number): void {
    switch (message.op) {
      case 'invoke':
        void this.#invoke(message, this.#eventFrom(contextId));
        return;
      case 'send': {
        const { channel, args } = message;
        const event = this.#eventFrom(contextId);
        this.#contents.emit('ipc-message', event, channel, ...args);
        this.#contents.ipc.emit(channel, event, ...args);
        host().ipcMain.emit(channel, event, ...args);
        return;
      }
      case 'open':
        this.#contents.windowOpenRequested(message.request);
        return;
      case 'resized':
        this.#contents.owner.contentsResized(message.width, message.height);
    }
  }

  async #invoke(
    { id, channel, args }: Extract<ToMain, { readonly op: 'invoke' }>,
    event: InvokeEvent,
  ): Promise<void> {
    const { ipcMain } = host();
    const handler = this.#contents.ipc.handlerOf(channel) ?? ipcMain.handlerOf(channel);
    try {
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      const value = await handler(event, ...args);
      encodeMessage(value);
      this.deliver({ op: 'reply', id, ok: true, value });
    } catch (error) {
      this.deliver({ op: 'reply', id, ok: false, message: String(error) });
    }
  }

  /** A message of a document that has gone since has no frame any more. */
  #eventFrom(contextId: number): InvokeEvent {
    const { mainFrame } = this.#contents;
    return createEvent({
      type: 'frame' as const,
      sender: this.#contents,
      senderFrame: contextId === this.#contextId ? mainFrame : null,
      frameId: mainFrame.routingId,
      processId: mainFrame.processId,
      reply: (channel: string, ...args: unknown[]) => {
        this.#contents.send(channel, ...args);
      },
    });
  }
}
