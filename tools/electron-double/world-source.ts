// SPDX-License-Identifier: GPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** As Electron names the world of a preload. */
export const isolatedWorld = 'Electron Isolated Context';
export const sendBinding = '__electronDoubleSend';
export const receiveFunction = '__electronDoubleReceive';

const cache = new Map<string, string>();

/** A file of `world/` as plain script: types and `export` gone, lines kept. */
function script(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const source = readFileSync(join(import.meta.dirname, 'world', name), 'utf8');
  const text = stripTypeScriptTypes(source).replaceAll(/^export /gm, '');
  cache.set(name, text);
  return text;
}

/** Runs in the page's own world before any of its scripts. */
export function mainWorldSource(token: string): string {
  return `if (window === window.top) { (() => {
${script('bridge.ts')}
installWindowOpen(createBridge({ token: ${JSON.stringify(token)}, side: 'main', onOpen: () => undefined }));
})() }`;
}

export interface PreloadSource {
  readonly token: string;
  readonly processInfo: object;
  /** The bundled CommonJS preload, and the path it is known by in traces and coverage. */
  readonly code: string;
  readonly path: string;
}

/** Runs in the isolated world of the main frame. */
export function isolatedWorldSource({ token, processInfo, code, path }: PreloadSource): string {
  return `if (window === window.top) { (() => {
${script('codec.ts')}
${script('bridge.ts')}
${script('preload-runtime.ts')}
const post = globalThis.${sendBinding};
delete globalThis.${sendBinding};
const send = (message) => post(encodeMessage(message));
const onOpen = (request) => send({ op: 'open', request });
const bridge = createBridge({ token: ${JSON.stringify(token)}, side: 'isolated', onOpen });
const runtime = createPreloadRuntime({ bridge, send, processInfo: ${JSON.stringify(processInfo)} });
Object.defineProperty(globalThis, '${receiveFunction}', { value: (text) => runtime.receive(decodeMessage(text)) });
window.addEventListener('resize', () => send({ op: 'resized', width: innerWidth, height: innerHeight }));
((require, process, exports, module, Buffer, global) => {
${code}
})(runtime.require, runtime.process, {}, { exports: {} }, undefined, globalThis);
})() }
//# sourceURL=${path === '' ? 'electron-double/preload' : path}`;
}
