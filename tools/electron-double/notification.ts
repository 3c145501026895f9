// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { createEvent } from './event.ts';

type Options = Electron.NotificationConstructorOptions;
type Implemented = Pick<
  Electron.Notification,
  'body' | 'close' | 'hasReply' | 'show' | 'silent' | 'title' | 'urgency'
>;

/** `Notification`: those shown are listed, also after they were closed. */
export class Notification extends EventEmitter implements Implemented {
  static readonly shown: Notification[] = [];
  readonly options: Readonly<Options>;
  title: string;
  body: string;
  silent: boolean;
  hasReply: boolean;
  urgency: 'normal' | 'critical' | 'low';
  closed = false;

  constructor(options: Options = {}) {
    super();
    this.options = { ...options };
    this.title = options.title ?? '';
    this.body = options.body ?? '';
    this.silent = options.silent ?? false;
    this.hasReply = options.hasReply ?? false;
    this.urgency = options.urgency ?? 'normal';
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    this.closed = false;
    if (!Notification.shown.includes(this)) Notification.shown.push(this);
    this.emit('show', createEvent());
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit('close', createEvent({ reason: 'applicationHidden' }));
  }
}
