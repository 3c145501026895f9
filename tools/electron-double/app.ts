// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { AppPaths, type PathName } from './app-paths.ts';
import type { BrowserWindow } from './browser-window.ts';
import { Chromium } from './chromium.ts';
import { CommandLine } from './command-line.ts';
import { createEvent } from './event.ts';
import { host } from './host.ts';
import { InstanceLock } from './lock.ts';
import { startAgain } from './relaunch.ts';
import { electronVersion, switchValue, type Arguments } from './runtime.ts';
import type { WebContents } from './web-contents.ts';

export interface AppEvents {
  'will-finish-launching': [];
  ready: [Electron.Event, Record<string, unknown>];
  'before-quit': [Electron.Event];
  'will-quit': [Electron.Event];
  quit: [Electron.Event, number];
  'window-all-closed': [];
  'second-instance': [Electron.Event, string[], string, unknown];
  'browser-window-created': [Electron.Event, BrowserWindow];
  'browser-window-focus': [Electron.Event, BrowserWindow];
  'browser-window-blur': [Electron.Event, BrowserWindow];
  'web-contents-created': [Electron.Event, WebContents];
  'session-created': [unknown];
  'render-process-gone': [Electron.Event, WebContents, Electron.RenderProcessGoneDetails];
}

type Implemented = Pick<
  Electron.App,
  | 'disableHardwareAcceleration'
  | 'enableSandbox'
  | 'exit'
  | 'focus'
  | 'getAppPath'
  | 'getBadgeCount'
  | 'getLocale'
  | 'getLoginItemSettings'
  | 'getName'
  | 'getPath'
  | 'getPreferredSystemLanguages'
  | 'getSystemLocale'
  | 'getVersion'
  | 'hasSingleInstanceLock'
  | 'isDefaultProtocolClient'
  | 'isPackaged'
  | 'isReady'
  | 'name'
  | 'quit'
  | 'relaunch'
  | 'releaseSingleInstanceLock'
  | 'removeAsDefaultProtocolClient'
  | 'requestSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setAsDefaultProtocolClient'
  | 'setBadgeCount'
  | 'setLoginItemSettings'
  | 'setName'
  | 'setPath'
  | 'userAgentFallback'
  | 'whenReady'
>;

export interface PackageDescription {
  readonly name?: string;
  readonly productName?: string;
  readonly version?: string;
  readonly main?: string;
}

export class App extends EventEmitter<AppEvents> implements Implemented {
  name = 'Electron';
  readonly isPackaged: boolean = false;
  userAgentFallback = '';
  userModelId = '';
  readonly commandLine: CommandLine;
  readonly dock = undefined;
  readonly #arguments: Arguments;
  readonly #paths: AppPaths;
  readonly #lock: InstanceLock;
  readonly #whenReady = Promise.withResolvers<undefined>();
  readonly #defaultProtocols = new Set<string>();
  #folder = process.cwd();
  #package: PackageDescription = {};
  #ready = false;
  #quitting = false;
  #exiting = false;
  #relaunch: Electron.RelaunchOptions | undefined;
  #badgeCount = 0;
  #loginItem: Electron.Settings = {};
  #sandboxed = false;

  constructor(given: Arguments) {
    super();
    this.#arguments = given;
    this.commandLine = new CommandLine(given.switches);
    this.#paths = new AppPaths(switchValue(given.switches, 'user-data-dir'));
    this.#lock = new InstanceLock(
      () => this.getPath('userData'),
      ({ argv, workingDirectory, additionalData }) =>
        this.emit('second-instance', createEvent(), argv, workingDirectory, additionalData),
    );
  }

  /** What the launcher read of the application before its main module runs. */
  adopt(folder: string, description: PackageDescription): void {
    this.#folder = folder;
    this.#package = description;
    this.name = description.productName ?? description.name ?? 'Electron';
  }

  /** Called by the launcher once the main module has been evaluated. */
  async start(): Promise<void> {
    if (this.#exiting) return;
    mkdirSync(this.getPath('userData'), { recursive: true, mode: 0o700 });
    host().chromium = await Chromium.start({
      switches: this.#arguments.switches,
      commandLine: this.commandLine,
      locale: this.getLocale(),
    });
    host().contents.watch();
    this.#ready = true;
    this.#whenReady.resolve(undefined);
    this.emit('will-finish-launching');
    this.emit('ready', createEvent(), {});
  }

  whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }

  isReady(): boolean {
    return this.#ready;
  }

  quit(): void {
    if (this.#quitting) return;
    this.#quitting = this.#mayQuit('before-quit') && this.#closeWindows();
    if (!this.#quitting) return;
    this.#quitting = this.#mayQuit('will-quit');
    if (this.#quitting) this.exit(0);
  }

  exit(exitCode = 0): void {
    if (this.#exiting) return;
    this.#exiting = true;
    this.emit('quit', createEvent(), exitCode);
    void this.#end(exitCode);
  }

  relaunch(options: Electron.RelaunchOptions = {}): void {
    this.#relaunch = options;
  }

  /** A window has gone; the last one ends the application unless somebody listens. */
  windowClosed(): void {
    if (this.#quitting || this.#exiting || host().windows.size > 0) return;
    if (!this.emit('window-all-closed')) this.quit();
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    return this.#lock.take(additionalData ?? null);
  }

  hasSingleInstanceLock(): boolean {
    return this.#lock.held;
  }

  releaseSingleInstanceLock(): void {
    this.#lock.release();
  }

  getName(): string {
    return this.name;
  }

  setName(name: string): void {
    this.name = name;
  }

  getVersion(): string {
    return this.#package.version ?? electronVersion;
  }

  getAppPath(): string {
    return this.#folder;
  }

  getPath(name: PathName): string {
    return this.#paths.get(name, this.name);
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  getLocale(): string {
    const given = switchValue(this.#arguments.switches, 'lang');
    return given ?? process.env.ELECTRON_DOUBLE_LOCALE ?? 'en-US';
  }

  getSystemLocale(): string {
    return this.getLocale();
  }

  getPreferredSystemLanguages(): string[] {
    return [this.getLocale()];
  }

  enableSandbox(): void {
    if (this.#ready) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.#sandboxed = true;
  }

  get sandboxEnabled(): boolean {
    return this.#sandboxed;
  }

  disableHardwareAcceleration(): void {
    if (!this.#ready) return;
    throw new Error('app.disableHardwareAcceleration() can only be called before app is ready');
  }

  focus(): void {
    host().windows.latest?.focus();
  }

  setBadgeCount(count = 0): boolean {
    this.#badgeCount = count;
    return true;
  }

  getBadgeCount(): number {
    return this.#badgeCount;
  }

  setLoginItemSettings(settings: Electron.Settings): void {
    this.#loginItem = settings;
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    const openAtLogin = this.#loginItem.openAtLogin ?? false;
    return {
      openAtLogin,
      wasOpenedAtLogin: false,
      status: openAtLogin ? 'enabled' : 'not-registered',
      executableWillLaunchAtLogin: openAtLogin,
      launchItems: [],
    };
  }

  setAppUserModelId(id: string): void {
    this.userModelId = id;
  }

  setAsDefaultProtocolClient(protocol: string): boolean {
    this.#defaultProtocols.add(protocol);
    return true;
  }

  removeAsDefaultProtocolClient(protocol: string): boolean {
    return this.#defaultProtocols.delete(protocol);
  }

  isDefaultProtocolClient(protocol: string): boolean {
    return this.#defaultProtocols.has(protocol);
  }

  #mayQuit(question: 'before-quit' | 'will-quit'): boolean {
    const event = createEvent();
    this.emit(question, event);
    return !event.defaultPrevented;
  }

  #closeWindows(): boolean {
    this.#quitting = true;
    for (const window of host().windows.all) {
      window.close();
      if (!window.isDestroyed()) return false;
    }
    return true;
  }

  async #end(exitCode: number): Promise<void> {
    this.#lock.release();
    await host().chromium?.stop();
    if (this.#relaunch) startAgain(this.#relaunch, this.#arguments.all);
    process.exit(exitCode);
  }
}
