// SPDX-License-Identifier: GPL-3.0-or-later

import type { OwnIdentity } from '#otr';
import { validateInstanceTag } from '#otr/codec/instance-tag.ts';
import { renewsAt } from '#otr/profile/client-profile.ts';
import { formatCodeLink } from '#shared/links/xmpp-uri.ts';
import type { KeysView } from '#shared/model/account.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { SecurityCode } from '#shared/model/security-code.ts';
import type { AccountRow } from '#main/store/rows.ts';
import { makeKeys, openKeys, type OwnKeyRing, renewKeys, toIdentityRow } from './own-keys.ts';
import type { AccountDeps } from './ports.ts';

/** How soon a failed or early renewal is looked at again. */
const MIN_RENEWAL_MS = 60_000;

/** Makes, opens and renews the keys of one account. */
export class KeyKeeper {
  readonly #deps: AccountDeps;
  readonly #account: AccountRow;
  readonly #onChange: () => void;
  #ring: OwnKeyRing | undefined;
  #kept = false;
  #cancelTimer: () => void = () => undefined;

  constructor(deps: AccountDeps, account: AccountRow, onChange: () => void) {
    this.#deps = deps;
    this.#account = account;
    this.#onChange = onChange;
  }

  /** Opens the keys this account has, or makes its first ones. */
  open(): void {
    const { store, env } = this.#deps;
    const row = store.identities.load(this.#account.id);
    if (row === undefined) {
      this.make(undefined);
      return;
    }
    this.#kept = store.settings.load(this.#keptName()) === true;
    this.#take(openKeys(env, this.#tag(), row));
  }

  /** `exportUnder`: passphrase under which the forging key leaves for a file; wiped. */
  make(exportUnder: Uint8Array | undefined): void {
    const made = makeKeys(this.#deps.env, this.#tag(), exportUnder !== undefined);
    this.#take(made.ring);
    if (made.forgingSeed !== undefined && exportUnder !== undefined) {
      void this.#export(made.forgingSeed, exportUnder);
    }
  }

  identity(): OwnIdentity | undefined {
    return this.#ring?.identity;
  }

  code(): SecurityCode | undefined {
    const fingerprint = this.#ring?.identity.profile.fingerprint;
    return fingerprint === undefined ? undefined : this.#deps.toSecurityCode(fingerprint);
  }

  view(): KeysView {
    const code = this.code();
    if (this.#ring === undefined || code === undefined) return { tag: 'making' };
    return {
      tag: 'ready',
      code,
      link: formatCodeLink(this.#account.jid, code.hex),
      instanceTag: formatTag(this.#account.instanceTag),
      profileExpiresAt: this.#ring.identity.profile.expiresAt,
      forgingKey: this.#kept ? 'kept' : 'destroyed',
    };
  }

  stop(): void {
    this.#cancelTimer();
    this.#ring?.identity.longTermKey.seed.wipe();
    this.#ring = undefined;
  }

  #keptName(): string {
    return `account.${String(this.#account.id)}.forging-key-kept`;
  }

  #tag() {
    return validateInstanceTag(this.#account.instanceTag, 'own-tag');
  }

  #take(ring: OwnKeyRing): void {
    const row = toIdentityRow(this.#account.id, ring);
    this.#deps.store.transaction((tx) => {
      this.#deps.store.identities.save(tx, row);
    });
    row.longTermSeed.fill(0);
    this.#ring = ring;
    this.#orderRenewal(ring);
    this.#onChange();
  }

  #orderRenewal({ identity }: OwnKeyRing): void {
    this.#cancelTimer();
    const delayMs = Math.max(MIN_RENEWAL_MS, renewsAt(identity.profile) - this.#deps.clock.now());
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => {
      if (this.#ring !== undefined) this.#take(renewKeys(this.#deps.env, this.#ring));
    });
  }

  /** Sealed under its own passphrase; what stays here is only that it exists. */
  async #export(seed: Uint8Array, passphrase: Uint8Array): Promise<void> {
    try {
      if (!(await this.#deps.exportForgingKey(seed, passphrase))) return;
      this.#deps.store.transaction((tx) => {
        this.#deps.store.settings.save(tx, this.#keptName(), true);
      });
      this.#kept = true;
      this.#onChange();
    } catch (cause) {
      this.#deps.note('account-failed', cause);
    } finally {
      seed.fill(0);
      passphrase.fill(0);
    }
  }
}
