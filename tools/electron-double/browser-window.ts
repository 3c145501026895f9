// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { isHeadful } from './chromium.ts';
import { createEvent } from './event.ts';
import { host } from './host.ts';
import type { Menu } from './menu.ts';
import type { NativeImage } from './native-image.ts';
import { display } from './screen.ts';
import { WebContents } from './web-contents.ts';

type Real = Electron.BrowserWindow;
type Options = Electron.BrowserWindowConstructorOptions;
type Implemented = Pick<
  Real,
  | 'blur'
  | 'center'
  | 'close'
  | 'destroy'
  | 'flashFrame'
  | 'focus'
  | 'getBounds'
  | 'getContentBounds'
  | 'getMinimumSize'
  | 'getNormalBounds'
  | 'getPosition'
  | 'getSize'
  | 'getTitle'
  | 'hide'
  | 'id'
  | 'isDestroyed'
  | 'isFocused'
  | 'isFullScreen'
  | 'isMaximized'
  | 'isMenuBarVisible'
  | 'isMinimized'
  | 'isVisible'
  | 'loadFile'
  | 'loadURL'
  | 'maximize'
  | 'minimize'
  | 'removeMenu'
  | 'restore'
  | 'setBackgroundColor'
  | 'setBounds'
  | 'setContentProtection'
  | 'setContentSize'
  | 'setFullScreen'
  | 'setMenuBarVisibility'
  | 'setMinimumSize'
  | 'setPosition'
  | 'setSize'
  | 'setTitle'
  | 'show'
  | 'showInactive'
  | 'unmaximize'
>;

/** What the window was told and nobody can see without a desktop. */
export interface RecordedWindow {
  backgroundColor?: string;
  contentProtection: boolean;
  flashing: boolean;
  icon?: NativeImage | string;
  overlayIcon?: NativeImage | null;
  menu?: Menu | null;
}

let lastId = 0;

export class BrowserWindow extends EventEmitter implements Implemented {
  readonly id = ++lastId;
  readonly webContents: WebContents;
  readonly recorded: RecordedWindow = { contentProtection: false, flashing: false };
  readonly #minimum: { width: number; height: number };
  #normalBounds: Electron.Rectangle;
  #title: string;
  #visible = false;
  #minimized = false;
  #maximized = false;
  #fullScreen = false;
  #menuBarVisible = true;
  #readyToShow = false;
  #askedToClose = false;
  #destroyed = false;

  constructor(options: Options = {}) {
    super();
    const { width = 800, height = 600, minWidth = 0, minHeight = 0 } = options;
    const { workArea } = display;
    this.#minimum = { width: minWidth, height: minHeight };
    this.#normalBounds = {
      x: options.x ?? workArea.x + Math.max(0, Math.round((workArea.width - width) / 2)),
      y: options.y ?? workArea.y + Math.max(0, Math.round((workArea.height - height) / 2)),
      width: Math.max(width, minWidth),
      height: Math.max(height, minHeight),
    };
    this.#title = options.title ?? host().app.name;
    if (options.backgroundColor !== undefined) {
      this.recorded.backgroundColor = options.backgroundColor;
    }
    this.webContents = new WebContents(this, options.webPreferences ?? {}, this.#normalBounds);
    host().windows.add(this);
    host().app.emit('browser-window-created', createEvent(), this);
    host().app.emit('web-contents-created', createEvent(), this.webContents);
    if (options.show !== false)
      queueMicrotask(() => {
        this.show();
      });
  }

  static getAllWindows(): BrowserWindow[] {
    return [...host().windows.all];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return host().windows.focused ?? null;
  }

  static fromWebContents(contents: WebContents | undefined): BrowserWindow | null {
    return contents?.owner ?? null;
  }

  static fromId(id: number): BrowserWindow | null {
    return host().windows.all.find((each) => each.id === id) ?? null;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  loadFile(path: string, options?: Electron.LoadFileOptions): Promise<void> {
    return this.webContents.loadFile(path, options);
  }

  show(): void {
    if (this.#destroyed) return;
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    if (this.#visible && !this.#minimized) return;
    this.#visible = true;
    this.#minimized = false;
    this.emit('show');
  }

  hide(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.blur();
    this.emit('hide');
  }

  focus(): void {
    const { windows, app } = host();
    if (windows.focused === this || this.#destroyed) return;
    windows.focused?.blur();
    windows.focused = this;
    this.webContents.focus();
    this.emit('focus', createEvent());
    app.emit('browser-window-focus', createEvent(), this);
  }

  blur(): void {
    const { windows, app } = host();
    if (windows.focused !== this) return;
    windows.focused = undefined;
    this.emit('blur', createEvent());
    app.emit('browser-window-blur', createEvent(), this);
  }

  isFocused(): boolean {
    return host().windows.focused === this;
  }

  isVisible(): boolean {
    return this.#visible;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  minimize(): void {
    this.#minimized = true;
    this.blur();
    this.emit('minimize');
  }

  restore(): void {
    if (!this.#minimized) return;
    this.#minimized = false;
    this.emit('restore');
  }

  isMinimized(): boolean {
    return this.#minimized;
  }

  maximize(): void {
    if (this.#maximized) return;
    this.#maximized = true;
    this.#applySize();
    this.emit('maximize');
  }

  unmaximize(): void {
    if (!this.#maximized) return;
    this.#maximized = false;
    this.#applySize();
    this.emit('unmaximize');
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  setFullScreen(flag: boolean): void {
    if (flag === this.#fullScreen) return;
    this.#fullScreen = flag;
    this.#applySize();
    this.emit(flag ? 'enter-full-screen' : 'leave-full-screen');
  }

  isFullScreen(): boolean {
    return this.#fullScreen;
  }

  getBounds(): Electron.Rectangle {
    if (this.#fullScreen) return { ...display.bounds };
    return { ...(this.#maximized ? display.workArea : this.#normalBounds) };
  }

  getNormalBounds(): Electron.Rectangle {
    return { ...this.#normalBounds };
  }

  getContentBounds(): Electron.Rectangle {
    return this.getBounds();
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    const before = this.#normalBounds;
    const wanted = { ...before, ...bounds };
    const width = Math.max(wanted.width, this.#minimum.width);
    const height = Math.max(wanted.height, this.#minimum.height);
    this.#normalBounds = { ...wanted, width, height };
    if (before.width !== width || before.height !== height) this.#applySize();
    if (before.x !== wanted.x || before.y !== wanted.y) this.emit('move');
  }

  getSize(): number[] {
    const { width, height } = this.getBounds();
    return [width, height];
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  setContentSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  getPosition(): number[] {
    const { x, y } = this.getBounds();
    return [x, y];
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  getMinimumSize(): number[] {
    return [this.#minimum.width, this.#minimum.height];
  }

  setMinimumSize(width: number, height: number): void {
    Object.assign(this.#minimum, { width, height });
  }

  center(): void {
    const { workArea } = display;
    const { width, height } = this.#normalBounds;
    const x = workArea.x + Math.round((workArea.width - width) / 2);
    this.setBounds({ x, y: workArea.y + Math.round((workArea.height - height) / 2) });
  }

  getTitle(): string {
    return this.#title;
  }

  setTitle(title: string): void {
    this.#title = title;
  }

  setMenu(menu: Menu | null): void {
    this.recorded.menu = menu;
  }

  removeMenu(): void {
    this.recorded.menu = null;
  }

  setMenuBarVisibility(visible: boolean): void {
    this.#menuBarVisible = visible;
  }

  isMenuBarVisible(): boolean {
    return this.#menuBarVisible;
  }

  setContentProtection(enable: boolean): void {
    this.recorded.contentProtection = enable;
  }

  flashFrame(flag: boolean): void {
    this.recorded.flashing = flag;
  }

  setBackgroundColor(color: string): void {
    this.recorded.backgroundColor = color;
  }

  setIcon(icon: NativeImage | string): void {
    this.recorded.icon = icon;
  }

  setOverlayIcon(overlay: NativeImage | null): void {
    this.recorded.overlayIcon = overlay;
  }

  capturePage(): Promise<NativeImage> {
    return this.webContents.capturePage();
  }

  close(): void {
    if (this.#destroyed) return;
    const event = createEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    this.#askedToClose = true;
    if (!this.#destroyed) this.webContents.destroy();
  }

  openChild(url: string, options: Options = {}): void {
    const child = new BrowserWindow(options);
    child.loadURL(url).catch(() => undefined);
    this.webContents.emit('did-create-window', child, { url, options });
  }

  contentsLoaded(): void {
    if (this.#readyToShow) return;
    this.#readyToShow = true;
    this.emit('ready-to-show');
  }

  /** Somebody dragged the edge of a real window. */
  contentsResized(width: number, height: number): void {
    if (!isHeadful() || this.#maximized || this.#fullScreen) return;
    this.#normalBounds = { ...this.#normalBounds, width, height };
    this.emit('resize');
  }

  /** A window on a screen is closed by its own button: nobody can object, but all may hear of it. */
  contentsGone(): void {
    if (this.#destroyed) return;
    if (!this.#askedToClose) this.emit('close', createEvent());
    this.#destroyed = true;
    host().windows.delete(this);
    this.emit('closed');
    host().app.windowClosed();
  }

  retitled(event: Electron.Event, title: string): void {
    this.emit('page-title-updated', event, title, true);
    if (!event.defaultPrevented) this.#title = title;
  }

  #applySize(): void {
    const { width, height } = this.getBounds();
    this.webContents.resize(width, height);
    this.emit('resize');
  }
}
