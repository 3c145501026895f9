// SPDX-License-Identifier: GPL-3.0-or-later

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import type { VerificationMethod } from '#shared/model/conversation.ts';
import type { AppError } from '#shared/errors/app-error.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { CodeReading } from '#shared/model/link.ts';
import type { Result } from '#shared/std/result.ts';
import { useClient } from '../bridge/use-client.ts';
import { useConversation } from './conversation.ts';
import { useGivenCode } from './given-code.ts';
import { type Failure, failureOf } from './failure-of.ts';
import { lendSecrets } from './secret-bytes.ts';

/** What the user has open. Only the user opens anything here (ux I-9). */
export type VerificationDialog =
  | { readonly tag: 'closed' }
  /** One of the four ways to verify a device. */
  | { readonly tag: 'ways'; readonly way: VerificationMethod; readonly instanceTag: string }
  /** Answering what the contact's device asked. */
  | { readonly tag: 'answer' };

/** What main takes. Nothing that holds a code is longer. */
const MOST_CODE = 8192;

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
  function open(wanted?: VerificationMethod, instanceTag?: string): void {
    const view = conversation.view;
    if (view === undefined) return;
    const device =
      view.session?.device ?? view.devices.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)[0]?.name;
    const of = instanceTag ?? device?.instanceTag;
    // A code that came with a link is compared before anything is asked.
    const way = wanted ?? (givenHere.value === undefined ? 'code' : 'compare');
    if (of !== undefined) dialog.value = { tag: 'ways', way, instanceTag: of };
  }

  const { givenHere, givenWaits, give, forget } = useGivenCode((instanceTag) => {
    open('compare', instanceTag);
  });

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
    words: (id: ConversationId) => Promise<Result<unknown, AppError>>,
  ): Promise<Failure> {
    if (conversation.id === undefined) return { code: 'conversation-unknown' };
    return failureOf(await words(conversation.id));
  }

  /** The device that the open dialog is about. */
  const asked = (): { readonly instanceTag?: string } =>
    dialog.value.tag === 'ways' ? { instanceTag: dialog.value.instanceTag } : {};

  const ask = (question: string, answer: string): Promise<Failure> =>
    lendSecrets({ answer }, (secrets) =>
      say((id) => client.request('verification.ask', { id, ...asked(), question, ...secrets })),
    );

  const askSecret = (secret: string): Promise<Failure> =>
    lendSecrets({ secret }, (secrets) =>
      say((id) => client.request('verification.ask-secret', { id, ...asked(), ...secrets })),
    );

  const answerQuestion = (answer: string): Promise<Failure> =>
    lendSecrets({ answer }, (secrets) =>
      say((id) => client.request('verification.answer', { id, ...secrets })),
    );

  const askCode = (): Promise<Failure> =>
    say((id) => client.request('verification.ask-code', { id, ...asked() }));

  const cancel = (): Promise<Failure> => say((id) => client.request('verification.cancel', { id }));

  const dismiss = (): Promise<Failure> =>
    say((id) => client.request('verification.dismiss', { id }));

  /** For the rest of the day nothing the contact asks is shown. */
  const mute = (): Promise<Failure> => say((id) => client.request('verification.mute', { id }));

  async function compared(instanceTag: string, result: 'match' | 'different'): Promise<Failure> {
    const failure = await say((id) =>
      client.request('verification.compared', { id, instanceTag, result }),
    );
    if (failure === undefined) forget();
    return failure;
  }

  const remove = (instanceTag: string): Promise<Failure> =>
    say((id) => client.request('verification.remove', { id, instanceTag }));

  /** @param instanceTag whose code; without it, our own */
  const copy =
    (what: 'clipboard.copy-code' | 'clipboard.copy-link') =>
    (instanceTag?: string): Promise<Failure> =>
      say((id) =>
        client.request(what, {
          of: instanceTag === undefined ? { whose: 'ours' } : { whose: 'theirs', id, instanceTag },
        }),
      );

  const copyCode = copy('clipboard.copy-code');
  /** The same as a link with the address. */
  const copyLink = copy('clipboard.copy-link');

  /** What a scanned, pasted or opened code says about this device. Verifies nothing (xep X-52). */
  async function readCode(
    instanceTag: string,
    text: string,
  ): Promise<Result<CodeReading, AppError>> {
    const { id } = conversation;
    if (id === undefined) return { ok: false, error: { code: 'conversation-unknown' } };
    return client.request('verification.read-code', {
      id,
      instanceTag,
      text: text.slice(0, MOST_CODE),
    });
  }

  /** For text that goes to the contact another way than through this chat. */
  const copyText = async (text: string): Promise<Failure> =>
    failureOf(await client.request('clipboard.copy-text', { text }));

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
    mute,
    compared,
    remove,
    copyCode,
    copyLink,
    readCode,
    give,
    givenHere,
    givenWaits,
    copyText,
  };
});
