// SPDX-License-Identifier: GPL-3.0-or-later

import { type OwnIdentity, permitsOffline, type PublicationContent } from '#otr';
import { domainOf } from '#shared/model/jid.ts';
import type { PublishingFailure, PublishingRow } from '#main/store/rows.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import {
  nextLookMs,
  NOTHING_PUBLISHED,
  type Occasion,
  pairsToMake,
  uploadAllowedAt,
} from './agenda.ts';
import type { PrekeysWorld } from './ports.ts';
import { type OwnProfiles, type PrekeyBook, wipePairs } from './prekey-book.ts';
import type { FoundServer, ServerFinder } from './server-finder.ts';
import type { ExchangeResult, ServerTalk } from './server-talk.ts';
import type { ServerTalks } from './server-talks.ts';

/** What is being done at the moment. */
export type Activity = 'none' | 'looking' | 'asking' | 'making' | 'publishing';

/** What keeps us from publishing that no waiting mends. */
export type Obstacle = 'server-key-changed' | 'stopped';

type Why = Extract<ExchangeResult, { readonly tag: 'failed' }>['why'];

function toFailure(why: Why): PublishingFailure {
  switch (why) {
    case 'refused':
    case 'invalid-answer':
      return why;
    case 'server-key-changed':
      return 'wrong-key';
    default:
      return 'unreachable';
  }
}

/** Keeps enough of ours on a prekey server of our own domain, in the background. */
export class Publisher {
  readonly #world: PrekeysWorld;
  readonly #book: PrekeyBook;
  readonly #finder: ServerFinder;
  readonly #talks: ServerTalks;
  #activity: Activity = 'none';
  #obstacle: Obstacle | undefined;
  #online = false;
  /** Counts network sessions and changes of mode: what a former one set going comes to nothing. */
  #round = 0;
  #isRunning = false;
  #again = false;
  /** The user wants everything published anew. */
  #everything = false;
  #nextAt: number | undefined;
  #uploads: readonly number[] = [];
  #underWay: OwnProfiles | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(world: PrekeysWorld, book: PrekeyBook, finder: ServerFinder, talks: ServerTalks) {
    this.#world = world;
    this.#book = book;
    this.#finder = finder;
    this.#talks = talks;
  }

  get activity(): Activity {
    return this.#activity;
  }

  get obstacle(): Obstacle | undefined {
    return this.#obstacle;
  }

  /** When it is looked at again, ms since the epoch. */
  get nextAt(): number | undefined {
    return this.#nextAt;
  }

  /** The user leaves keys. */
  get isWanted(): boolean {
    return this.#world.store.accounts.leavesKeys(this.#world.account);
  }

  row(): PublishingRow {
    const { store, account } = this.#world;
    return store.prekeyServers.publishing(account) ?? NOTHING_PUBLISHED;
  }

  hear(event: WireEvent): void {
    if (event.tag === 'session') {
      this.#online = true;
      this.#interrupt();
      this.#order('login');
    } else if (event.tag === 'connection' && event.state.tag !== 'online') {
      this.#online = false;
      this.#interrupt();
      this.#world.changed();
    }
  }

  /** The secrets of what a server is about to be told: durable before they leave. */
  readonly persist = (publication: PublicationContent): void => {
    if (this.#underWay === undefined) throw new RangeError('a publication without profiles');
    this.#book.persist(this.#underWay, publication);
  };

  /** A key was used, or our profile is another one. */
  changed(): void {
    if (this.#online) this.#order('change');
  }

  /** One fewer is out there, whatever the server said. */
  used(): void {
    const row = this.row();
    if (row.stored !== undefined && row.stored > 0) this.#save({ ...row, stored: row.stored - 1 });
    this.changed();
  }

  /** The user does not want to wait: at once, and with everything. */
  repair(): void {
    this.#everything = true;
    this.#lookAgain();
  }

  /** The user decided about a server. */
  decided(jid: string): void {
    if (this.#obstacle !== undefined || jid === this.row().server) this.#lookAgain();
  }

  #lookAgain(): void {
    this.#obstacle = undefined;
    this.#save({ ...this.row(), failures: 0, failure: undefined, failedAt: undefined });
    if (this.#online) this.#run();
  }

  /** Lets go of what is under way. Nothing is ordered any more before the next session. */
  stop(): void {
    this.#interrupt();
    this.#online = false;
  }

  /** After a change of mode on a line that stands. */
  resume(): void {
    this.#interrupt();
    this.#obstacle = undefined;
    this.#online = this.#world.wire.state().tag === 'online';
    if (this.#online) this.#order('change');
  }

  #interrupt(): void {
    this.#round += 1;
    this.#cancelTimer();
    this.#nextAt = undefined;
  }

  /** The earliest order counts; none does while the user leaves no keys. */
  #order(occasion: Occasion): void {
    const { clock, env } = this.#world;
    if (!this.isWanted) return;
    const now = clock.now();
    const at = now + nextLookMs(occasion, this.row(), env);
    if (this.#isRunning) {
      this.#again ||= occasion === 'login' || occasion === 'change';
      return;
    }
    if (this.#nextAt !== undefined && this.#nextAt <= at) return;
    this.#cancelTimer();
    this.#nextAt = at;
    this.#cancelTimer = clock.after(at - now, () => {
      this.#nextAt = undefined;
      this.#run();
    });
  }

  #run(): void {
    if (this.#isRunning) {
      this.#again = true;
      return;
    }
    this.#isRunning = true;
    this.#again = false;
    void this.#attempt().then((occasion) => {
      this.#isRunning = false;
      this.#setActivity('none');
      if (!this.#online) return;
      this.#order(this.#again ? 'change' : occasion);
    });
  }

  /** Never rejects. */
  async #attempt(): Promise<Occasion> {
    try {
      return await this.#publish(this.#round);
    } catch (cause) {
      this.#world.note(cause);
      return this.#fail('unreachable');
    }
  }

  async #publish(round: number): Promise<Occasion> {
    const { identity, mode, ourJid } = this.#world;
    const own = identity();
    if (own === undefined || !permitsOffline(mode()) || !this.isWanted) return 'done';
    this.#setActivity('looking');
    const found = await this.#finder.find(domainOf(ourJid));
    if (round !== this.#round) return 'login';
    if (found.tag === 'none') return this.#missed(found.why);
    this.#obstacle = undefined;
    const { server } = found;
    this.#save({ ...this.row(), server: server.jid });
    this.#setActivity('asking');
    const talk = this.#talks.with(server, own);
    const status = await talk.exchange({ tag: 'status' });
    if (round !== this.#round) return 'login';
    if (status.tag === 'status') return this.#fill(round, { talk, own, stored: status.count });
    return this.#fail(status.tag === 'failed' ? toFailure(status.why) : 'unreachable');
  }

  #missed(why: Extract<FoundServer, { tag: 'none' }>['why']): Occasion {
    if (why === 'no-server' || why === 'unreachable') return this.#fail(why);
    this.#obstacle = why;
    return 'done';
  }

  /** The server works, and is who it should be: only now secrets are made. */
  async #fill(
    round: number,
    at: { readonly talk: ServerTalk; readonly own: OwnIdentity; readonly stored: number },
  ): Promise<Occasion> {
    const { stored } = at;
    this.#book.purge();
    const profiles = this.#book.profilesOf(at.own);
    const count = this.#plan(stored);
    const all = { clientProfile: at.own.profile, prekeyProfile: profiles.prekeyProfile };
    const wanted = this.#everything || stored === 0 ? all : this.#book.toPublish(profiles);
    if (count === 0 && wanted.clientProfile === undefined) return this.#succeed(stored);
    if (!this.#mayUpload()) return this.#succeed(stored, 'enough');
    this.#setActivity('making');
    const prekeys = await this.#book.makePairs(profiles, count, () => round === this.#round);
    try {
      if (round !== this.#round) return 'login';
      this.#setActivity('publishing');
      return await this.#send(round, at, profiles, { prekeys, ...wanted });
    } finally {
      wipePairs(prekeys);
    }
  }

  #plan(stored: number): number {
    const { store } = this.#world;
    store.transaction((tx) => {
      this.#book.noteLeft(tx, stored);
    });
    return pairsToMake(stored, this.#book.countOut(), this.#book.countKept());
  }

  #mayUpload(): boolean {
    const now = this.#world.clock.monotonicNow();
    if (uploadAllowedAt(this.#uploads, now) > now) return false;
    this.#uploads = [...this.#uploads, now].slice(-8);
    return true;
  }

  async #send(
    round: number,
    { talk, stored }: { readonly talk: ServerTalk; readonly stored: number },
    profiles: OwnProfiles,
    publication: PublicationContent,
  ): Promise<Occasion> {
    this.#underWay = profiles;
    const result = await talk.exchange({ tag: 'publish', publication });
    this.#underWay = undefined;
    if (result.tag === 'published') return this.#published(stored, profiles, publication);
    if (result.tag === 'failed' && result.why === 'refused') this.#book.drop(publication);
    if (round !== this.#round) return 'login';
    return this.#fail(result.tag === 'failed' ? toFailure(result.why) : 'unreachable');
  }

  #published(stored: number, profiles: OwnProfiles, publication: PublicationContent): Occasion {
    const { store, account } = this.#world;
    store.transaction((tx) => {
      this.#book.confirm(tx, profiles, publication);
      if (publication.prekeyProfile === undefined) return;
      const { identity, prekeyProfile } = profiles;
      const until = Math.min(identity.profile.expiresAt, prekeyProfile.profile.expiresAt);
      store.prekeyServers.savePublishing(tx, account, { ...this.row(), publishedUntil: until });
    });
    this.#everything = false;
    return this.#succeed(stored + publication.prekeys.length);
  }

  #succeed(stored: number, occasion: Occasion = 'done'): Occasion {
    this.#save({
      ...this.row(),
      stored,
      checkedAt: this.#world.clock.now(),
      failures: 0,
      failure: undefined,
      failedAt: undefined,
    });
    return occasion;
  }

  #fail(failure: PublishingFailure): Occasion {
    const row = this.row();
    const failedAt = this.#world.clock.now();
    this.#save({ ...row, failures: row.failures + 1, failure, failedAt });
    return 'failed';
  }

  /** Never throws: on a full disk the next look finds the same again. */
  #save(row: PublishingRow): void {
    const { store, account, changed, note } = this.#world;
    try {
      store.transaction((tx) => {
        store.prekeyServers.savePublishing(tx, account, row);
      });
    } catch (cause) {
      note(cause);
    }
    changed();
  }

  #setActivity(activity: Activity): void {
    if (this.#activity === activity) return;
    this.#activity = activity;
    this.#world.changed();
  }
}
