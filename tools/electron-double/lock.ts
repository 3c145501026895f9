// SPDX-License-Identifier: GPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SecondInstance {
  readonly argv: string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
}

/** Longest path of a unix socket that every Linux takes. */
const maxSocketPath = 100;

/** Asks the owner of the socket; ends with 0 when someone took the message. */
const askOwner = `const socket = require('node:net').connect(process.argv[1], () => socket.end(process.argv[2]));
socket.on('data', () => process.exit(0));
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(1));`;

/** `requestSingleInstanceLock`: a socket in the profile. One that nobody answers is stale and is replaced. */
export class InstanceLock {
  readonly #folder: () => string;
  readonly #onSecondInstance: (second: SecondInstance) => void;
  #server: Server | undefined;

  constructor(folder: () => string, onSecondInstance: (second: SecondInstance) => void) {
    this.#folder = folder;
    this.#onSecondInstance = onSecondInstance;
  }

  get held(): boolean {
    return this.#server !== undefined;
  }

  /** Synchronous, as in Electron: a short-lived child asks the owner. */
  take(additionalData: unknown): boolean {
    if (this.held) return true;
    const path = this.#path();
    const second: SecondInstance = {
      argv: process.argv,
      workingDirectory: process.cwd(),
      additionalData,
    };
    if (existsSync(path)) {
      if (isAnswered(path, JSON.stringify(second))) return false;
      rmSync(path, { force: true });
    }
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      let received = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('end', () => {
        socket.end('ok');
        this.#onSecondInstance(JSON.parse(received) as SecondInstance);
      });
    });
    this.#server.on('error', () => undefined);
    this.#server.listen(path).unref();
    return true;
  }

  release(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  #path(): string {
    const folder = this.#folder();
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'SingletonSocket');
    if (path.length <= maxSocketPath) return path;
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 32);
    return join(tmpdir(), `electron-double-lock-${name}`);
  }
}

function isAnswered(path: string, message: string): boolean {
  try {
    execFileSync(process.execPath, ['-e', askOwner, path, message], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
