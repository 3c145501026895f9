// SPDX-License-Identifier: GPL-3.0-or-later

import { Notification } from 'electron';
import type { Messages } from '#shared/i18n/en.ts';

/**
 * What may be announced. There is no field for text, and an off-the-record message has no sender:
 * the system keeps its notifications for as long as it likes.
 */
export type Notice =
  | { readonly kind: 'plain'; readonly conversationId: string; readonly name: string }
  | { readonly kind: 'off-the-record'; readonly conversationId: string };

/** As in the settings: nothing; "New message"; who wrote. */
export type NoticeLevel = 'none' | 'generic' | 'name';

export interface NotificationOptions {
  readonly appName: string;
  readonly level: () => NoticeLevel;
  /** In the language of the moment. */
  readonly words: () => Messages;
  /** The user clicked: show that chat. */
  readonly onOpen: (conversationId: string) => void;
}

export interface Notifications {
  readonly show: (notice: Notice) => void;
  /** The chat was read, has vanished, or is gone. */
  readonly remove: (conversationId: string) => void;
  readonly removeAll: () => void;
}

const MAX_NAME_LENGTH = 60;
/** Control, formatting and bidirectional characters: a name must not rearrange what is around it. */
const unsafeInName = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The two lines a notification shows, if there is to be one. */
export function noticeLines(
  notice: Notice,
  { appName, level, words }: Pick<NotificationOptions, 'appName' | 'level' | 'words'>,
): { readonly title: string; readonly body: string } | undefined {
  const chosen = level();
  if (chosen === 'none') return undefined;
  const name =
    notice.kind === 'plain' && chosen === 'name'
      ? notice.name.replaceAll(unsafeInName, '').trim().slice(0, MAX_NAME_LENGTH)
      : '';
  return { title: name === '' ? appName : name, body: words().app['prose--new-message'] };
}

/** One notification for each chat; a later one takes the place of the earlier. */
export function createNotifications(options: NotificationOptions): Notifications {
  const shown = new Map<string, Notification>();
  const remove = (conversationId: string): void => {
    shown.get(conversationId)?.close();
    shown.delete(conversationId);
  };
  return {
    show: (notice) => {
      const lines = noticeLines(notice, options);
      if (lines === undefined || !Notification.isSupported()) return;
      const { conversationId } = notice;
      remove(conversationId);
      const notification = new Notification({ ...lines, hasReply: false });
      notification.on('click', () => {
        remove(conversationId);
        options.onOpen(conversationId);
      });
      shown.set(conversationId, notification);
      notification.show();
    },
    remove,
    removeAll: () => {
      for (const conversationId of [...shown.keys()]) remove(conversationId);
    },
  };
}
