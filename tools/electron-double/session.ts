// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { host, runningChromium } from './host.ts';
import { Protocol } from './protocol.ts';
import { fromChromiumUrl, toChromiumUrl } from './scheme-urls.ts';
import { WebRequest } from './web-request.ts';

type Real = Electron.Session;
type Handler<Name extends keyof Real> = Real[Name] extends (handler: infer H) => void ? H : never;

/** What the application asked of a session and Chromium is not told; tests read and call it. */
export interface RecordedSession {
  bluetoothPairing?: Handler<'setBluetoothPairingHandler'>;
  certificateVerify?: Handler<'setCertificateVerifyProc'>;
  devicePermission?: Handler<'setDevicePermissionHandler'>;
  displayMedia?: Handler<'setDisplayMediaRequestHandler'>;
  permissionCheck?: Handler<'setPermissionCheckHandler'>;
  permissionRequest?: Handler<'setPermissionRequestHandler'>;
  usbProtectedClasses?: Handler<'setUSBProtectedClassesHandler'>;
  networkEmulation?: Electron.EnableNetworkEmulationOptions;
  proxy?: Electron.ProxyConfig;
  ssl?: Electron.Config;
  spellCheckerEnabled?: boolean;
  spellCheckerLanguages?: string[];
  spellCheckerDictionaryUrl?: string;
  timesCleared: number;
}

type Implemented = Pick<
  Real,
  | 'clearData'
  | 'clearStorageData'
  | 'disableNetworkEmulation'
  | 'enableNetworkEmulation'
  | 'getStoragePath'
  | 'getUserAgent'
  | 'isPersistent'
  | 'isSpellCheckerEnabled'
  | 'resolveProxy'
  | 'setBluetoothPairingHandler'
  | 'setCertificateVerifyProc'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setPermissionRequestHandler'
  | 'setProxy'
  | 'setSpellCheckerDictionaryDownloadURL'
  | 'setSpellCheckerEnabled'
  | 'setSpellCheckerLanguages'
  | 'setSSLConfig'
  | 'setUSBProtectedClassesHandler'
  | 'setUserAgent'
>;

export class Session extends EventEmitter implements Implemented {
  readonly protocol = new Protocol();
  readonly webRequest = new WebRequest();
  readonly recorded: RecordedSession = { timesCleared: 0 };
  readonly #partition: string;
  #contextId: Promise<string | undefined> | undefined;
  #userAgent = '';

  constructor(partition: string) {
    super();
    this.#partition = partition;
  }

  /** The default session is Chromium's own profile; each other one a context in memory. */
  browserContextId(): Promise<string | undefined> {
    this.#contextId ??=
      this.#partition === ''
        ? Promise.resolve(undefined)
        : runningChromium()
            .cdp.send('Target.createBrowserContext')
            .then(({ browserContextId }) => browserContextId);
    return this.#contextId;
  }

  toChromium(url: string): string {
    return toChromiumUrl(url, (scheme) => this.protocol.isProtocolHandled(scheme));
  }

  fromChromium(url: string): string {
    return fromChromiumUrl(url, (scheme) => this.protocol.isProtocolHandled(scheme));
  }

  isPersistent(): boolean {
    return this.#partition === '' || this.#partition.startsWith('persist:');
  }

  getStoragePath(): string | null {
    return this.isPersistent() ? host().app.getPath('sessionData') : null;
  }

  async clearData(): Promise<void> {
    this.recorded.timesCleared += 1;
    const { chromium, contents } = host();
    if (chromium === undefined) return;
    const browserContextId = await this.browserContextId();
    await chromium.cdp.send('Storage.clearCookies', browserContextId ? { browserContextId } : {});
    const mine = contents.all.filter(({ session }) => session === this);
    await Promise.all(mine.map((each) => each.clearStorage()));
  }

  clearStorageData(): Promise<void> {
    return this.clearData();
  }

  setBluetoothPairingHandler(handler: Handler<'setBluetoothPairingHandler'>): void {
    this.recorded.bluetoothPairing = handler;
  }

  setCertificateVerifyProc(proc: Handler<'setCertificateVerifyProc'>): void {
    this.recorded.certificateVerify = proc;
  }

  setDevicePermissionHandler(handler: Handler<'setDevicePermissionHandler'>): void {
    this.recorded.devicePermission = handler;
  }

  setDisplayMediaRequestHandler(handler: Handler<'setDisplayMediaRequestHandler'>): void {
    this.recorded.displayMedia = handler;
  }

  setPermissionCheckHandler(handler: Handler<'setPermissionCheckHandler'>): void {
    this.recorded.permissionCheck = handler;
  }

  setPermissionRequestHandler(handler: Handler<'setPermissionRequestHandler'>): void {
    this.recorded.permissionRequest = handler;
  }

  setUSBProtectedClassesHandler(handler: Handler<'setUSBProtectedClassesHandler'>): void {
    this.recorded.usbProtectedClasses = handler;
  }

  enableNetworkEmulation(options: Electron.EnableNetworkEmulationOptions): void {
    this.recorded.networkEmulation = options;
  }

  disableNetworkEmulation(): void {
    delete this.recorded.networkEmulation;
  }

  async setProxy(config: Electron.ProxyConfig): Promise<void> {
    this.recorded.proxy = config;
  }

  async resolveProxy(): Promise<string> {
    return 'DIRECT';
  }

  setSSLConfig(config: Electron.Config): void {
    this.recorded.ssl = config;
  }

  setSpellCheckerEnabled(enable: boolean): void {
    this.recorded.spellCheckerEnabled = enable;
  }

  isSpellCheckerEnabled(): boolean {
    return this.recorded.spellCheckerEnabled ?? true;
  }

  setSpellCheckerLanguages(languages: string[]): void {
    this.recorded.spellCheckerLanguages = languages;
  }

  setSpellCheckerDictionaryDownloadURL(url: string): void {
    this.recorded.spellCheckerDictionaryUrl = url;
  }

  setUserAgent(userAgent: string): void {
    this.#userAgent = userAgent;
  }

  getUserAgent(): string {
    return this.#userAgent;
  }
}

/** The `session` module. */
export class Sessions {
  readonly defaultSession = new Session('');
  readonly #partitions = new Map<string, Session>();

  fromPartition(partition: string): Session {
    if (partition === '') return this.defaultSession;
    const known = this.#partitions.get(partition);
    if (known) return known;
    const created = new Session(partition);
    this.#partitions.set(partition, created);
    host().app.emit('session-created', created);
    return created;
  }
}
