// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';

const WAIT_MS = 20_000;
/** Wide enough that no line of a test is broken. */
const SIZE = ['-x', '160', '-y', '50'] as const;

export interface TerminalOptions {
  /** Holds the socket; the caller removes it. */
  readonly folder: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program in a terminal of its own, driven and read as by a person. */
export class Terminal implements Disposable {
  readonly #socket: string;

  constructor({ folder, command, env }: TerminalOptions) {
    this.#socket = join(folder, 'tmux');
    this.#tmux(['new-session', '-d', ...SIZE, command], { ...process.env, ...env });
  }

  /** Types a line and presses Enter. */
  enter(line: string): void {
    this.#tmux(['send-keys', '-l', line]);
    this.#tmux(['send-keys', 'Enter']);
  }

  /** What is on the screen now. */
  screen(): string {
    return this.#tmux(['capture-pane', '-p', '-J']);
  }

  async shows(text: string | RegExp): Promise<void> {
    const isIn = (screen: string): boolean =>
      typeof text === 'string' ? screen.includes(text) : text.test(screen);
    await vi.waitFor(
      () => {
        const screen = this.screen();
        if (!isIn(screen)) throw new Error(`${String(text)} is not in\n${screen}`);
      },
      { timeout: WAIT_MS, interval: 100 },
    );
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
  }

  #tmux(args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
    const command = ['-S', this.#socket, '-f', '/dev/null', ...args];
    const { status, stdout, stderr } = spawnSync('tmux', command, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`tmux ${args[0] ?? ''}: ${stderr}`);
    return stdout;
  }
}
