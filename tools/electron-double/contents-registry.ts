// SPDX-License-Identifier: GPL-3.0-or-later
import { createEvent } from './event.ts';
import { host, runningChromium } from './host.ts';
import type { WebContents } from './web-contents.ts';

/** All web contents, and what Chromium reports of their targets. */
export class ContentsRegistry {
  readonly #all = new Set<WebContents>();

  get all(): WebContents[] {
    return [...this.#all];
  }

  add(contents: WebContents): void {
    this.#all.add(contents);
  }

  delete(contents: WebContents): void {
    this.#all.delete(contents);
  }

  byTarget(targetId: string): WebContents | undefined {
    return this.all.find((each) => each.targetId === targetId);
  }

  watch(): void {
    const chromium = runningChromium();
    const { cdp } = chromium;
    cdp.on('Target.targetDestroyed', ({ targetId }) => {
      this.byTarget(targetId)?.gone();
    });
    cdp.on('Target.targetCrashed', ({ targetId }) => {
      const contents = this.byTarget(targetId);
      if (contents === undefined) return;
      const details: Electron.RenderProcessGoneDetails = { reason: 'crashed', exitCode: 1 };
      contents.emit('render-process-gone', createEvent(), details);
      host().app.emit('render-process-gone', createEvent(), contents, details);
    });
    cdp.on('Target.targetCreated', ({ targetInfo }) => {
      const isOurs = targetInfo.openerId && this.byTarget(targetInfo.openerId);
      if (targetInfo.type === 'page' && isOurs) void closePopup(targetInfo.targetId);
    });
    void cdp.ended.then(() => {
      if (chromium.stopping) return;
      process.stderr.write('electron double: Chromium ended\n');
      process.exit(1);
    });
  }
}

/**
 * What slips past the page's own hooks (a form with a target) is closed, once it runs: closing it
 * while another debugger has it paused makes the opener hang.
 */
async function closePopup(targetId: string): Promise<void> {
  const { cdp } = runningChromium();
  try {
    const { sessionId } = await cdp.send('Target.attachToTarget', { targetId, flatten: true });
    await cdp.send('Runtime.runIfWaitingForDebugger', undefined, sessionId);
    await cdp.send('Target.closeTarget', { targetId });
  } catch {
    // It has gone by itself.
  }
}
