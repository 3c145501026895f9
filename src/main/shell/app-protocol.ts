// SPDX-License-Identifier: GPL-3.0-or-later

import { protocol, type CustomScheme, type Session } from 'electron';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { CONTENT_POLICY, developmentPolicy } from './content-policy.ts';
import { APP_ORIGIN, APP_SCHEME } from './origin.ts';

/** Standard, secure, fetchable; no way round the policy, no service workers, no code cache. */
export const APP_SCHEME_PRIVILEGES: CustomScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true },
};

/** Before `ready`, once. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([APP_SCHEME_PRIVILEGES]);
}

export interface BundleFile {
  readonly path: string;
  readonly type: string;
}

/** Full URL to file, for each file that was in the bundle at start. */
export type Bundle = ReadonlyMap<string, BundleFile>;

export type AppHandler = (request: Request) => Promise<Response>;

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/** Lists the files of a folder that have a known type; the others are not served. */
export async function listBundle(folder: string): Promise<Bundle> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const bundle = new Map<string, BundleFile>();
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).map(encodeURIComponent).join('/');
    bundle.set(`${APP_ORIGIN}/${name}`, { path, type });
  }
  return bundle;
}

/**
 * Answers from a fixed table: the address must be one of the known ones, letter by letter, so no
 * path is ever put together from what was asked for.
 */
export function createAppHandler(bundle: Bundle): AppHandler {
  return async (request) => {
    const file = request.method === 'GET' ? bundle.get(withoutFragment(request.url)) : undefined;
    if (file === undefined) return notFound();
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: headersFor(CONTENT_POLICY, file.type),
    });
  };
}

/**
 * For `npm run dev` only: the same addresses, answered by the dev server. The page keeps its origin,
 * so that everything that looks at it works as in the bundle.
 */
export function createDevelopmentHandler(devServer: URL): AppHandler {
  const policy = developmentPolicy(devServer);
  return async (request) => {
    if (request.method !== 'GET' || !request.url.startsWith(`${APP_ORIGIN}/`)) return notFound();
    const path = request.url.slice(APP_ORIGIN.length);
    const answer = await fetch(new URL(path, devServer), { headers: acceptOf(request) });
    const type = answer.headers.get('Content-Type') ?? 'text/plain';
    const headers = headersFor(policy, type);
    if (!type.startsWith('text/html')) {
      return new Response(await answer.arrayBuffer(), { status: answer.status, headers });
    }
    const page = (await answer.text()).replace(policyInPage, '');
    return new Response(page, { status: answer.status, headers });
  };
}

/** The page carries the policy of the bundle, which the dev server's client cannot live with. */
const policyInPage = /<meta\s+http-equiv="Content-Security-Policy"[^>]*>/i;

const acceptOf = (request: Request): Record<string, string> => ({
  Accept: request.headers.get('Accept') ?? '*/*',
});

/** Each session answers by itself; `defaultSession` never serves anything. */
export function serveApp(session: Session, handler: AppHandler): void {
  session.protocol.handle(APP_SCHEME, handler);
}

function headersFor(policy: string, type: string): Record<string, string> {
  return {
    'Content-Security-Policy': policy,
    'Content-Type': type,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

function notFound(): Response {
  return new Response('', { status: 404, headers: headersFor(CONTENT_POLICY, 'text/plain') });
}

function withoutFragment(url: string): string {
  return url.split('#', 1)[0] ?? url;
}
