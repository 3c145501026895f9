// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, JXT, Transport } from 'stanza';
import type { Verdict } from './gate.ts';
import { limits } from './limits.ts';
import type { LoginLine } from './login-feature.ts';
import type { ReachSettings } from './transport/reach-server.ts';
import { ServerLine } from './transport/server-line.ts';
import type { ConnectionFailure } from './wire.ts';

export interface TransportHooks {
  readonly judge: (kind: string, stanza: JXT.JSONData) => Verdict;
  readonly heard: () => void;
  readonly ended: (reason: ConnectionFailure) => void;
}

interface Arrival {
  readonly kind: string;
  readonly stanza: JXT.JSONData;
}

/** Gives stanza a line to work on, with the gate in between. */
export class StanzaTransport implements Transport {
  hasStream = false;
  authenticated = false;
  readonly #agent: Agent;
  readonly #registry: JXT.Registry;
  readonly #line: ServerLine;
  readonly #judge: TransportHooks['judge'];
  /** What has come while something before it is still being looked at. */
  #waiting: Arrival[] | undefined;

  constructor(agent: Agent, settings: ReachSettings, hooks: TransportHooks) {
    this.#agent = agent;
    this.#registry = settings.registry;
    this.#judge = hooks.judge;
    this.#line = new ServerLine(settings, {
      opened: () => {
        // What was sent on an earlier line is not being counted on this one before it is resumed.
        agent.sm.started = false;
        agent.emit('connected');
      },
      started: () => {
        this.hasStream = true;
        agent.emit('stream:start', {});
      },
      element: (kind, stanza) => {
        if (this.#waiting === undefined) this.#admit(kind, hooks.judge(kind, stanza));
        else this.#wait({ kind, stanza });
      },
      heard: hooks.heard,
      ended: (reason) => {
        this.hasStream = false;
        hooks.ended(reason);
        if (agent.transport === this) agent.emit('--transport-disconnected');
      },
    });
  }

  connect(): void {
    void this.#line.open();
  }

  restart(): void {
    this.hasStream = false;
    this.#line.restart();
  }

  /** Never rejects: stanza would write the error to the console. */
  send(kind: string, data?: JXT.JSONData): Promise<void> {
    const xml = data === undefined ? undefined : this.#registry.export(kind, data)?.toString();
    if (xml !== undefined && !this.#line.write(xml)) this.#reportUnsent(kind, data);
    return Promise.resolve();
  }

  /** The size on the wire; undefined when it does not fit. */
  fits(kind: string, data: JXT.JSONData): boolean {
    const xml = this.#registry.export(kind, data)?.toString() ?? '';
    return Buffer.byteLength(xml) <= limits.stanza;
  }

  disconnect(clean = true): void {
    if (clean) this.#line.close();
    else this.#line.kill('lost');
  }

  /** Which way the line goes, and what it is known by at both ends. */
  loginLine(): LoginLine {
    return { way: this.#line.way, binding: this.#line.exportBinding() };
  }

  /** What everything was waiting for is known. */
  goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { kind, stanza } of waiting) this.#admit(kind, this.#judge(kind, stanza));
  }

  hold(held: boolean): void {
    this.#line.hold(held);
  }

  /** A session stands on this line. */
  markUseful(): void {
    this.#line.markUseful();
  }

  /** Ends the line for a reason of ours. */
  fail(reason: ConnectionFailure): void {
    this.#line.kill(reason);
  }

  #admit(kind: string, verdict: Verdict): void {
    if (verdict.tag === 'pass') {
      if (verdict.thenWait === true) this.#waiting = [];
      this.#agent.emit('stream:data', verdict.stanza, kind);
    } else if (verdict.tag === 'break') this.#line.kill('not-xmpp');
  }

  #wait(arrival: Arrival): void {
    this.#waiting?.push(arrival);
    if ((this.#waiting?.length ?? 0) > limits.waitingElements) this.#line.kill('not-xmpp');
  }

  /** With stream management the stanza is remembered and sent again; without, it is lost now. */
  #reportUnsent(kind: string, stanza: JXT.JSONData | undefined): void {
    if (kind === 'message' && stanza !== undefined && !this.#agent.sm.started) {
      this.#agent.emit('stanza:failed', { kind, stanza });
    }
  }
}
