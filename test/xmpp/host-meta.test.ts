// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHttpsBySocket } from '#main/xmpp/read-https.ts';
import { findWebSockets } from '#main/xmpp/transport/host-meta.ts';
import { parseWebSocketUrl } from '#main/xmpp/transport/websocket-url.ts';
import { type KeyPair, TestAuthority } from '../support/certificates.ts';

const REL = 'urn:xmpp:alt-connections:websocket';
const JSON_PATH = 'https://d.test/.well-known/host-meta.json';
const XML_PATH = 'https://d.test/.well-known/host-meta';

/** What is found when these texts lie at the domain, and which were asked for. */
async function find(texts: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const urls = await findWebSockets('d.test', ({ url }) => {
    asked.push(url);
    return Promise.resolve(texts[url]);
  });
  return { urls, asked };
}

const json = (...hrefs: readonly unknown[]): string =>
  JSON.stringify({ links: hrefs.map((href) => ({ rel: REL, href })) });
const xml = (inner: string): string =>
  `<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n  ${inner}\n</XRD>\n`;
const link = (href: string, rel = REL): string => `<Link rel='${rel}' href='${href}'/>`;

describe('what a domain says about its WebSockets (XEP-0156)', () => {
  test('is taken from JSON, and then XML is not asked for', async () => {
    const text = JSON.stringify({
      links: [
        { rel: 'urn:xmpp:alt-connections:xbosh', href: 'https://d.test/bosh' },
        { rel: 'urn:xmpp:alt-connections:other', href: 'wss://o.test/' },
        { rel: REL, href: 'wss://w.test:443/ws' },
        { rel: REL, href: 'wss://w.test/ws' },
        { rel: REL, href: 'wss://v.test:5443/' },
      ],
    });
    expect(await find({ [JSON_PATH]: text })).toEqual({
      urls: ['wss://w.test/ws', 'wss://v.test:5443/'],
      asked: [JSON_PATH],
    });
  });

  test('is taken from XML otherwise', async () => {
    const text = xml(
      link('https://d.test/bosh', 'urn:xmpp:alt-connections:xbosh') + link('wss://w.test/ws'),
    );
    const found = { urls: ['wss://w.test/ws'], asked: [JSON_PATH, XML_PATH] };
    expect(await find({ [XML_PATH]: text })).toEqual(found);
    expect(await find({ [JSON_PATH]: '{"links":[]}', [XML_PATH]: text })).toEqual(found);
  });

  test.each<[string, string]>([
    ['without TLS', json('ws://w.test/ws')],
    ['that is a web page', json('https://w.test/ws')],
    ['with a password in it', json('wss://a:b@w.test/ws')],
    ['with a fragment', json('wss://w.test/ws#x')],
    ['that is too long', json(`wss://w.test/${'x'.repeat(2048)}`)],
    ['that is no text', json(7, null, { href: 'wss://w.test/ws' })],
    ['that is no link', JSON.stringify({ links: [null, 1, 'wss://w.test/ws'] })],
    ['in another shape', JSON.stringify({ links: { rel: REL, href: 'wss://w.test/ws' } })],
    ['in broken JSON', json('wss://w.test/ws').slice(1)],
    ['in nothing', 'null'],
  ])('sec:T-X-WS-8 an address %s counts for nothing', async (_what, text) => {
    expect(await find({ [JSON_PATH]: text })).toMatchObject({ urls: [] });
  });

  test.each<[string, string]>([
    ['with a document type', xml(link('wss://w.test/ws')).replace('<XRD', '<!DOCTYPE XRD><XRD')],
    ['with a comment', xml(`<!-- -->${link('wss://w.test/ws')}`)],
    ['of another namespace', xml(link('wss://w.test/ws')).replace('xrd-1.0', 'xrd-2.0')],
    ['of another name', xml(link('wss://w.test/ws')).replaceAll('XRD', 'HTML')],
    ['with the link deep inside', xml(`<Other>${link('wss://w.test/ws')}</Other>`)],
    ['that does not end', xml(link('wss://w.test/ws')).replace('</XRD>', '')],
    ['with text behind it', `${xml(link('wss://w.test/ws'))}and more`],
    [
      'with too many levels',
      xml(`${'<a>'.repeat(65)}${'</a>'.repeat(65)}${link('wss://w.test/ws')}`),
    ],
  ])('sec:T-X-WS-8 XML %s counts for nothing', async (_what, text) => {
    expect(await find({ [XML_PATH]: text })).toMatchObject({ urls: [] });
  });

  test('more addresses than a deployment has are not tried', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `wss://w${String(index)}.test/`);
    expect((await find({ [JSON_PATH]: json(...many) })).urls).toEqual(many.slice(0, 4));
  });

  test('a name that is no host is not asked', async () => {
    const asked: string[] = [];
    const urls = await findWebSockets('not a host', ({ url }) => {
      asked.push(url);
      return Promise.resolve(undefined);
    });
    expect({ urls, asked }).toEqual({ urls: [], asked: [] });
  });

  test('the longest address is one of 2048 characters', () => {
    const longest = `wss://w.test/${'x'.repeat(2048 - 'wss://w.test/'.length)}`;
    expect(parseWebSocketUrl(longest)).toBe(longest);
    expect(parseWebSocketUrl(`${longest}x`)).toBeUndefined();
  });
});

describe('asking over HTTPS', () => {
  let authority: TestAuthority;
  let keys: KeyPair;

  beforeAll(async () => {
    authority = await TestAuthority.create();
    keys = await authority.issue({ names: ['DNS:localhost'] });
  });
  afterAll(async () => {
    await authority[Symbol.asyncDispose]();
  });

  async function ask(listener: RequestListener, own = keys, signal = new AbortController().signal) {
    const server = createServer({ cert: own.certificate, key: own.key }, listener);
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const text = await readHttpsBySocket({
      url: `https://localhost:${String(port)}/.well-known/host-meta.json`,
      types: ['application/json'],
      extraCertificates: [authority.certificate],
      signal,
    });
    server.closeAllConnections();
    server.close();
    return text;
  }

  const answer =
    (
      status: number,
      headers: Readonly<Record<string, string>>,
      body: string | Buffer,
    ): RequestListener =>
    (_request, response) => {
      response.writeHead(status, headers).end(body);
    };
  const plain = { 'content-type': 'application/json; charset=utf-8' };

  test('hands over what is there', async () => {
    let heard: unknown;
    const text = await ask((request, response) => {
      heard = [request.method, request.url, request.headers['user-agent'], request.headers.cookie];
      response.writeHead(200, plain).end('{"links":[]}');
    });
    expect(text).toBe('{"links":[]}');
    expect(heard).toEqual(['GET', '/.well-known/host-meta.json', undefined, undefined]);
  });

  test('takes as much as 64 KiB', async () => {
    const most = 'x'.repeat(64 * 1024);
    expect(await ask(answer(200, plain, most))).toBe(most);
    expect(await ask(answer(200, plain, `${most}x`))).toBeUndefined();
  });

  test('sec:T-X-WS-9 follows no redirect', async () => {
    let guests = 0;
    const elsewhere = answer(200, plain, '{}');
    const text = await ask((request, response) => {
      guests += 1;
      if (request.url === '/elsewhere') elsewhere(request, response);
      else response.writeHead(302, { ...plain, location: '/elsewhere' }).end('{}');
    });
    expect({ text, guests }).toEqual({ text: undefined, guests: 1 });
  });

  test.each<[string, RequestListener]>([
    ['nothing there', answer(404, plain, '{}')],
    ['a page', answer(200, { 'content-type': 'text/html' }, '{}')],
    ['no type', answer(200, {}, '{}')],
    ['compressed data', answer(200, { ...plain, 'content-encoding': 'gzip' }, '{}')],
    ['what is not UTF-8', answer(200, plain, Buffer.from([0x22, 0xff, 0x22]))],
    [
      'half an answer',
      (_request, response) => {
        response.writeHead(200, { ...plain, 'content-length': '10' }).write('{}');
        response.socket?.end();
      },
    ],
  ])('sec:T-X-WS-9 %s counts as nothing', async (_what, listener) => {
    expect(await ask(listener)).toBeUndefined();
  });

  test('sec:T-X-CERT-1 a certificate for another name gets no question', async () => {
    const other = await authority.issue({ names: ['DNS:other.example'] });
    let guests = 0;
    const text = await ask((_request, response) => {
      guests += 1;
      response.writeHead(200, plain).end('{}');
    }, other);
    expect({ text, guests }).toEqual({ text: undefined, guests: 0 });
  });

  test('gives up on a server that is silent', async () => {
    const giveUp = new AbortController();
    const text = await ask(
      () => {
        giveUp.abort();
      },
      keys,
      giveUp.signal,
    );
    expect(text).toBeUndefined();
  });
});
