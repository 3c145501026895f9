// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, JXT } from 'stanza';
import type { BareJid } from '#shared/model/jid.ts';
import { assertNever } from '#shared/std/assert-never.ts';
import { parseSender } from './addresses.ts';
import { AnswerBudget } from './answer-budget.ts';
import { buildAgent, type BuiltAgent } from './agent.ts';
import type { ConnectOptions, XmppConfig } from './client.ts';
import {
  type ConnectionEffect,
  type ConnectionInput,
  initialConnection,
  stepConnection,
} from './connection.ts';
import { judge, type Stage, type Verdict } from './gate.ts';
import { KeepAlive } from './keep-alive.ts';
import { delays } from './limits.ts';
import { installLogin } from './login-feature.ts';
import type { XmppDeps } from './ports.ts';
import type { ConnectionFailure, ConnectionState, WireEvent } from './wire.ts';

export interface ConnectorHooks {
  readonly emit: (event: WireEvent) => void;
  readonly maySeeUs: (jid: BareJid) => boolean;
  /** What a new session needs before it may be called usable. Must not throw. */
  readonly prepare: () => Promise<void>;
}

/** A number in [0, 1). */
function fraction(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
}

/** Carries out what the connection machine decides: lines, logins, alarms. */
export class Connector {
  readonly agent: Agent;
  readonly #built: BuiltAgent;
  readonly #config: XmppConfig;
  readonly #deps: XmppDeps;
  readonly #hooks: ConnectorHooks;
  readonly #keepAlive: KeepAlive;

  readonly #answers: AnswerBudget;

  #connection = initialConnection;
  #stage: Stage = 'login';
  /** Counts lines, so that what a former one set in motion is recognised. */
  #line = 0;
  #reason: ConnectionFailure | undefined;
  #held = false;
  #prepared = false;
  #offersManagement = false;
  /** Settles when it is known whether the server acknowledges stanzas. */
  #management = Promise.withResolvers<undefined>();
  #cancelAlarm: (() => void) | undefined;
  #cancelDeadline: (() => void) | undefined;
  #idle = Promise.resolve();

  constructor(config: XmppConfig, deps: XmppDeps, hooks: ConnectorHooks) {
    this.#config = config;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#answers = new AnswerBudget(deps.clock);
    this.#keepAlive = new KeepAlive(deps.clock, {
      probe: () => {
        this.#probe();
      },
      dead: () => {
        this.#fail('lost');
      },
    });
    this.#built = buildAgent({
      server: config,
      resource: config.resource,
      deps,
      hooks: {
        judge: (kind, stanza) => this.#judge(kind, stanza),
        heard: () => {
          this.#keepAlive.heard();
        },
        ended: (reason) => {
          this.#reason ??= reason;
        },
      },
    });
    this.agent = this.#built.agent;
    this.#installLogin();
    this.#listen();
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  fits(kind: string, stanza: JXT.JSONData): boolean {
    return this.#built.transport()?.fits(kind, stanza) ?? false;
  }

  /** Whether to leave what comes where it is. A new line is read until its session stands. */
  hold(held: boolean): void {
    this.#held = held;
    // While we do not listen, silence says nothing about the server.
    this.#keepAlive.heard();
    this.#built.transport()?.hold(held);
  }

  connect({ persist }: ConnectOptions): void {
    this.#input({ tag: 'connect', persist });
  }

  async disconnect(): Promise<void> {
    if (this.state.tag === 'online') await this.#lastAcknowledgements();
    this.#input({ tag: 'disconnect' });
    await this.#idle;
  }

  #installLogin(): void {
    installLogin(this.agent, {
      jid: this.#config.jid,
      password: this.#config.password,
      allowPlain: this.#config.allowPlain,
      random: this.#deps.random,
      line: () => this.#built.transport()?.loginLine() ?? { way: '', binding: undefined },
      succeeded: (mechanism) => {
        this.#stage = 'session';
        this.#built.transport()?.goOn();
        this.#deps.note('xmpp.login', { mechanism });
      },
      failed: (reason) => {
        this.#fail(reason);
      },
    });
  }

  #listen(): void {
    this.agent.on('features', ({ streamManagement }) => {
      this.#offersManagement = streamManagement !== undefined;
    });
    this.agent.on('sm', ({ type }) => {
      if (type === 'enabled' || type === 'failed') this.#management.resolve(undefined);
    });
    this.agent.on('session:started', () => {
      this.#prepared = false;
      this.#management = Promise.withResolvers<undefined>();
      if (!this.#offersManagement) this.#management.resolve(undefined);
      void this.#makeReady(false);
    });
    this.agent.on('stream:management:resumed', () => {
      void this.#makeReady(true);
    });
    this.agent.on('disconnected', () => {
      this.#management.resolve(undefined);
      this.#cancelDeadline?.();
      this.#keepAlive.stop();
      const reason = this.#reason ?? 'lost';
      const { clock, random } = this.#deps;
      this.#input({ tag: 'ended', reason, now: clock.now(), jitter: fraction(random(4)) });
    });
  }

  #judge(kind: string, stanza: JXT.JSONData): Verdict {
    const verdict = judge(kind, stanza, {
      stage: this.#stage,
      own: this.#config.jid,
      maySeeUs: this.#hooks.maySeeUs,
      spendAnswer: (asker) => this.#answers.spend(asker),
      unacknowledged: this.agent.sm.unacked.length,
      lastAcknowledged: this.agent.sm.lastAck,
    });
    if (verdict.tag === 'break' && this.#stage === 'login' && kind === 'features') {
      this.#reason ??= 'no-mechanism';
    }
    return verdict;
  }

  /** Announces the session, once what belongs to it is in place. */
  async #makeReady(resumed: boolean): Promise<void> {
    const line = this.#line;
    const jid = parseSender(this.agent.jid);
    if (jid?.full === undefined || jid.bare !== this.#config.jid) {
      this.#fail('not-xmpp');
      return;
    }
    // A line may be lost and resumed before the session on it was ever ready.
    if (!this.#prepared) await Promise.all([this.#hooks.prepare(), this.#management.promise]);
    if (line !== this.#line || this.agent.transport === undefined) return;
    const fresh = !this.#prepared;
    this.#prepared = true;
    this.#relax();
    this.#deps.note('xmpp.ready', { resumed: resumed && !fresh });
    this.#input({ tag: 'ready', jid: jid.full });
    const acknowledges = this.agent.sm.started;
    this.#hooks.emit({ tag: 'session', resumed: resumed && !fresh, jid: jid.full, acknowledges });
  }

  /** The way here was a good one; from now on it is only watched. */
  #relax(): void {
    this.#cancelDeadline?.();
    this.#built.transport()?.markUseful();
    this.#built.transport()?.hold(this.#held);
    this.#keepAlive.start();
  }

  #probe(): void {
    if (this.#held) {
      this.#keepAlive.heard();
      return;
    }
    if (this.agent.sm.started) this.agent.sm.request();
    else this.agent.ping().catch(() => undefined);
  }

  #fail(reason: ConnectionFailure): void {
    this.#reason ??= reason;
    this.#built.transport()?.fail(reason);
  }

  /** Messages already under way should not be reported as lost only because we leave. */
  #lastAcknowledgements(): Promise<void> {
    const { agent } = this;
    if (!agent.sm.started) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const check = (): void => {
      if (agent.sm.unacked.length === 0) resolve(undefined);
    };
    const stop = (): void => {
      resolve(undefined);
    };
    agent.on('stream:management:ack', check);
    agent.on('disconnected', stop);
    // Queued behind everything that was handed over before: its answer covers all of that.
    agent.sm.request();
    const cancel = this.#deps.clock.after(delays.lastAcknowledgements, stop);
    return promise.finally(() => {
      cancel();
      agent.off('stream:management:ack', check);
      agent.off('disconnected', stop);
    });
  }

  #input(input: ConnectionInput): void {
    const before = this.#connection;
    const { next, effects } = stepConnection(before, input);
    this.#connection = next;
    for (const effect of effects) this.#run(effect);
    if (next.state !== before.state) {
      this.#note(next.state);
      this.#hooks.emit({ tag: 'connection', state: next.state });
    }
  }

  #note(state: ConnectionState): void {
    if (state.tag === 'failed') this.#deps.note('xmpp.failed', { reason: state.reason });
    if (state.tag === 'waiting') {
      this.#deps.note('xmpp.waiting', { reason: state.reason, attempt: state.attempt });
    }
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.tag) {
      case 'open':
        this.#open();
        return;
      case 'close':
        this.#close();
        return;
      case 'set-alarm':
        this.#cancelAlarm = this.#deps.clock.after(effect.delayMs, () => {
          this.#input({ tag: 'due' });
        });
        return;
      case 'cancel-alarm':
        this.#cancelAlarm?.();
        return;
      default:
        assertNever(effect);
    }
  }

  #open(): void {
    this.#line += 1;
    const line = this.#line;
    this.#cancelDeadline = this.#deps.clock.after(delays.connect, () => {
      this.#fail('timeout');
    });
    // A line that is still saying goodbye must be gone first: there is never more than one.
    void this.#idle.then(() => {
      if (line !== this.#line) return;
      this.#stage = 'login';
      this.#reason = undefined;
      this.agent.connect();
    });
  }

  #close(): void {
    this.#line += 1;
    this.#cancelDeadline?.();
    this.#keepAlive.stop();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.agent.once('disconnected', () => {
      resolve(undefined);
    });
    this.#idle = promise;
    if (this.#stage === 'session') this.#stage = 'goodbye';
    this.agent.disconnect();
  }
}
