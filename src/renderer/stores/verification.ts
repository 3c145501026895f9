// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import type { AppError } from '#shared/errors/app-error.ts';
import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import { useClient } from '../bridge/use-client.ts';
import { useConversation } from './conversation.ts';

/** What the user has open. Only the user opens anything here (ux I-9). */
export type VerificationDialog =
  | { readonly tag: 'closed' }
  /** One of the four ways to verify a device. */
  | { readonly tag: 'ways'; readonly way: VerificationMethod; readonly instanceTag: string }
  /** Answering what the contact's device asked. */
  | { readonly tag: 'answer' };

/** Verification of the contact on screen: what is open, and the words to main about it. */
export const useVerification = defineStore('verification', () => {
  const client = useClient();
  const conversation = useConversation();
  const dialog = ref<VerificationDialog>({ tag: 'closed' });
  /** The contact's question was put off; the panel still shows it. */
  const putOff = ref(false);

  const close = (): void => {
    dialog.value = { tag: 'closed' };
  };

  /** @param instanceTag of the device to verify; without it the live one, else the one seen last */
  function open(way: VerificationMethod = 'code', instanceTag?: string): void {
    const view = conversation.view;
    if (view === undefined) return;
    const device =
      view.session?.device ?? view.devices.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)[0]?.name;
    const of = instanceTag ?? device?.instanceTag;
    if (of !== undefined) dialog.value = { tag: 'ways', way, instanceTag: of };
  }

  function openAnswer(): void {
    dialog.value = { tag: 'answer' };
  }

  function putOffQuestion(): void {
    putOff.value = true;
  }

  watch(() => conversation.id, close);
  watch(
    () => conversation.view?.verification,
    (next, previous) => {
      if (next?.tag === 'asked' && (previous?.tag !== 'asked' || previous.at !== next.at)) {
        putOff.value = false;
      }
    },
  );

  /** Says something to main about the chat on screen. */
  async function say(
    words: (id: ConversationId) => Promise<{ readonly ok: boolean; readonly error?: AppError }>,
  ): Promise<AppError | undefined> {
    if (conversation.id === undefined) return { code: 'conversation-unknown' };
    return (await words(conversation.id)).error;
  }

  /** @param answer becomes bytes here and is wiped as soon as main has its copy */
  const ask = (question: string, answer: string): Promise<AppError | undefined> =>
    withSecret(answer, (bytes) =>
      say((id) => client.request('verification.ask', { id, question, answer: bytes })),
    );

  const askSecret = (secret: string): Promise<AppError | undefined> =>
    withSecret(secret, (bytes) =>
      say((id) => client.request('verification.ask-secret', { id, secret: bytes })),
    );

  const answerQuestion = (answer: string): Promise<AppError | undefined> =>
    withSecret(answer, (bytes) =>
      say((id) => client.request('verification.answer', { id, answer: bytes })),
    );

  const askCode = (): Promise<AppError | undefined> =>
    say((id) => client.request('verification.ask-code', { id }));

  const cancel = (): Promise<AppError | undefined> =>
    say((id) => client.request('verification.cancel', { id }));

  const dismiss = (): Promise<AppError | undefined> =>
    say((id) => client.request('verification.dismiss', { id }));

  const compared = (
    instanceTag: string,
    result: 'match' | 'different',
  ): Promise<AppError | undefined> =>
    say((id) => client.request('verification.compared', { id, instanceTag, result }));

  const remove = (instanceTag: string): Promise<AppError | undefined> =>
    say((id) => client.request('verification.remove', { id, instanceTag }));

  const copyCode = (instanceTag: string | 'ours'): Promise<AppError | undefined> =>
    say((id) =>
      client.request('clipboard.copy-code', {
        of: instanceTag === 'ours' ? { whose: 'ours' } : { whose: 'theirs', id, instanceTag },
      }),
    );

  return {
    dialog,
    putOff,
    open,
    openAnswer,
    close,
    putOffQuestion,
    ask,
    askCode,
    askSecret,
    answerQuestion,
    cancel,
    dismiss,
    compared,
    remove,
    copyCode,
  };
});

/** The string itself cannot be wiped; the bytes made from it can (ADR 0005). */
async function withSecret<T>(
  text: string,
  use: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const bytes = new TextEncoder().encode(text);
  try {
    return await use(bytes);
  } finally {
    bytes.fill(0);
  }
}
