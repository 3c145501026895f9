// SPDX-License-Identifier: GPL-3.0-or-later
// Wires the rooms of the program together. Nothing else knows all of them.

import { randomBytes, randomInt } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { deriveServerFingerprint, formatServerFingerprint } from '#otr';
import type { LongTermKey, PrekeyServerContext } from '#otr';
import type { Config } from './config/config.ts';
import type { ShardStart } from './service/crypto-worker.ts';
import { serviceDelays } from './service/limits.ts';
import { nodeEnv } from './service/node-env.ts';
import { PrekeyService } from './service/service.ts';
import { openStorage } from './storage/open-storage.ts';
import type { PrekeyStorage } from './storage/storage.ts';
import { Component } from './stream/component.ts';
import { answerRequest } from './stream/disco.ts';
import { readStanza } from './stream/incoming.ts';
import { formatRejection, formatReply } from './stream/outgoing.ts';
import { AddressHasher, type Log } from './watch/log.ts';
import { Metrics } from './watch/metrics.ts';
import { WatchPort } from './watch/watch-port.ts';

/** What only memory may hold. */
export interface Secrets {
  readonly componentSecret: Uint8Array;
  readonly longTermKey: LongTermKey;
  readonly databaseKey: Uint8Array | undefined;
}

export interface RunningServer {
  readonly fingerprint: string;
  readonly watchPort: number | undefined;
  readonly stop: () => Promise<void>;
}

/** Starts the program. It is up when the stream is; the log says when. */
export async function startServer(
  config: Config,
  secrets: Secrets,
  log: Log,
): Promise<RunningServer> {
  const { longTermKey } = secrets;
  const metrics = new Metrics();
  const storage = await openStorage(config.store, secrets.databaseKey);
  const service = composeService(config, longTermKey, { log, metrics, storage });
  const fingerprint = formatServerFingerprint(deriveServerFingerprint(longTermKey.public));
  const component = composeComponent(config, secrets, { log, metrics, service, fingerprint });
  const watch =
    config.watchPort === undefined
      ? undefined
      : await WatchPort.open(config.watchPort, metrics, () => {
          if (!component.isReady) return 'stream-down';
          return service.isStoreUp ? undefined : 'store-down';
        });
  addGauges(metrics, component, service);
  const rounds = startRounds(service);
  component.start();
  log({ event: 'started', workers: config.workers, store: config.store.kind });
  return {
    fingerprint,
    watchPort: watch?.port,
    stop: async () => {
      for (const round of rounds) clearInterval(round);
      await service.stop();
      await component.stop();
      await watch?.close();
      await storage.close();
      longTermKey.seed.wipe();
      log({ event: 'stopped' });
    },
  };
}

function composeService(
  config: Config,
  longTermKey: LongTermKey,
  ports: { readonly log: Log; readonly metrics: Metrics; readonly storage: PrekeyStorage },
): PrekeyService {
  const { jid, publisherDomains, retrieverDomains, workers, reserve } = config;
  const domains = { serverJid: jid, publisherDomains, retrieverDomains };
  const context: PrekeyServerContext = { ...domains, longTermKey };
  const spawn = (): Worker => {
    // The copy that the thread gets is wiped by it, this one by us.
    const start: ShardStart = { ...domains, seed: longTermKey.seed.lend((seed) => seed.slice()) };
    const worker = new Worker(workerFile(), { workerData: start, name: 'crypto' });
    start.seed.fill(0);
    return worker;
  };
  return new PrekeyService({
    ...ports,
    context,
    env: nodeEnv,
    workers,
    spawn,
    hasher: new AddressHasher(randomBytes(32)),
    reserve,
    domainLimits: {
      queries: { count: config.queriesPerDomainHour, withinMs: 3_600_000 },
      exchanges: { count: config.exchangesPerDomainMinute, withinMs: 60_000 },
    },
  });
}

/** Beside us, in the language that we are in: sources run as they are, a bundle has it next to itself. */
function workerFile(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? './service/crypto-worker.ts' : './crypto-worker.js', import.meta.url);
}

interface StreamParts {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly service: PrekeyService;
  readonly fingerprint: string;
}

function composeComponent(config: Config, secrets: Secrets, parts: StreamParts): Component {
  const { jid, host, port } = config;
  const { log, metrics, service, fingerprint } = parts;
  const address = { host, port, jid, secret: secrets.componentSecret };
  const component = new Component(address, {
    log,
    metrics,
    chance: () => randomInt(2 ** 32) / 2 ** 32,
    element: (stanza) => {
      metrics.count('stanzas');
      const read = readStanza(stanza, jid);
      if (read?.tag === 'request') component.send(answerRequest(read, { jid, fingerprint }));
      if (read?.tag !== 'message') return;
      const { from, id, type, body } = read;
      const back = { from: jid, to: from, id, type };
      service.receive(
        { from, body },
        {
          send: (reply) => {
            component.send(formatReply(back, reply));
          },
          reject: () => {
            component.send(formatRejection(back));
          },
        },
      );
    },
  });
  return component;
}

function startRounds(service: PrekeyService): readonly NodeJS.Timeout[] {
  void service.sweep();
  return [
    setInterval(() => {
      service.tick();
    }, serviceDelays.tick),
    setInterval(() => {
      void service.sweep();
    }, serviceDelays.sweep),
  ];
}

const NANOSECONDS = 1e9;
const LOOP_RESOLUTION_MS = 10;

function addGauges(metrics: Metrics, component: Component, service: PrekeyService): void {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  delay.enable();
  metrics.gauge('stream_up', 'Whether the XMPP server has us.', () => Number(component.isReady));
  metrics.gauge('store_up', 'Whether the store did what it was asked last.', () =>
    Number(service.isStoreUp),
  );
  metrics.gauge(
    'exchanges_waiting',
    'Messages that wait for a worker.',
    () => service.load.exchanges,
  );
  metrics.gauge('queries_waiting', 'Queries that wait for the store.', () => service.load.queries);
  metrics.gauge('senders', 'Senders with something waiting.', () => service.load.senders);
  metrics.gauge('resident_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  metrics.gauge(
    'loop_delay_p99_seconds',
    'Delay of the event loop, since it was asked last.',
    () => {
      const p99 = delay.percentile(99) / NANOSECONDS;
      delay.reset();
      // A loop without anything to do is woken each ten milliseconds, which Node counts in.
      return Math.max(0, p99 - LOOP_RESOLUTION_MS / 1_000);
    },
  );
}
