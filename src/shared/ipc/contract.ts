// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';
import { AccountMode, type AccountView } from '../model/account.ts';
import type { AppView } from '../model/app.ts';
import type { ContactRequestView, ContactView } from '../model/contact.ts';
import type { ConversationView } from '../model/conversation.ts';
import { ConversationId, ItemId } from '../model/ids.ts';
import type { CodeReading, LinkView } from '../model/link.ts';
import type { PrekeysView } from '../model/prekeys.ts';
import { Rules, SendTo } from '../model/rules.ts';
import { Settings } from '../model/settings.ts';
import type { TimelineItem } from '../model/timeline.ts';
import { type Contract, event, request } from './channel.ts';
import type { MenuCommand } from './commands.ts';

/** A secret the user typed, as UTF-8 bytes: the receiver wipes it. */
const SecretBytes = v.pipe(
  v.instance(Uint8Array),
  v.check(({ length }) => length >= 1 && length <= 4096),
);
/** An address as typed; main normalises it. */
const Address = v.pipe(v.string(), v.maxLength(3200));
const Name = v.pipe(v.string(), v.maxLength(200));
/** As long as a message may be: main answers `message-too-long` above its own limit. */
const Text = v.pipe(v.string(), v.maxLength(4_000_000));
const Port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const Server = v.variant('tls', [
  v.strictObject({
    host: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
    port: Port,
    tls: v.picklist(['starttls', 'direct']),
  }),
  v.strictObject({
    url: v.pipe(v.string(), v.startsWith('wss://'), v.maxLength(2048)),
    tls: v.literal('websocket'),
  }),
]);
const Token = v.pipe(v.string(), v.minLength(1), v.maxLength(512));
const Link = v.pipe(v.string(), v.maxLength(400_000));
const Code = v.pipe(v.string(), v.maxLength(8192));
const CodeOf = v.variant('whose', [
  v.strictObject({ whose: v.literal('ours') }),
  v.strictObject({ whose: v.literal('theirs'), id: ConversationId, instanceTag: v.string() }),
]);
const Nothing = v.strictObject({});
const OfConversation = v.strictObject({ id: ConversationId });
const OfItem = v.strictObject({ id: ConversationId, itemId: ItemId });
const Tag = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/));
const OfDevice = v.strictObject({ instanceTag: Tag });
/** `endsChat`: the user was told that this ends the chat, and what that means. */
const DeviceChange = v.variant('act', [
  v.strictObject({ act: v.picklist(['allow', 'disallow', 'ignore', 'unblock']) }),
  v.strictObject({ act: v.picklist(['block', 'forget']), endsChat: v.boolean() }),
  /** Without a nickname it has its own name again. */
  v.strictObject({ act: v.literal('rename'), nickname: Name }),
]);
export type DeviceChange = v.InferOutput<typeof DeviceChange>;
const OfKeyServer = v.strictObject({ jid: v.pipe(v.string(), v.minLength(1), v.maxLength(1023)) });
const OfAddress = v.strictObject({ jid: Address });

/** Every word main and renderer may say to each other. Grouped by noun, sorted by name. */
export const contract = {
  /** Signs in, or creates the account on its server first. Keys are made in the background. */
  'account.add': request(
    v.strictObject({
      jid: Address,
      password: SecretBytes,
      createOnServer: v.boolean(),
      /** Of an invitation that came as a link. */
      token: v.optional(Token),
      server: v.optional(Server),
      allowPlain: v.boolean(),
      deviceLabel: Name,
      mode: AccountMode,
      /** One-time keys, for contacts who write while no device is online. */
      leavesKeys: v.boolean(),
      /** `keep`: main asks for a file and seals the forging key with the passphrase. */
      forgingKey: v.variant('choice', [
        v.strictObject({ choice: v.literal('destroy') }),
        v.strictObject({ choice: v.literal('keep'), passphrase: SecretBytes }),
      ]),
    }),
  ).returns<undefined>(),
  /** Puts this device back into a list from which another app takes it off. */
  'account.announce-device': request(Nothing).returns<undefined>(),
  'account.changed': event<AccountView | undefined>(),
  'account.connect': request(Nothing).returns<undefined>(),
  'account.disconnect': request(Nothing).returns<undefined>(),
  /** The user knows this other device of the account. */
  'account.keep-device': request(OfDevice).returns<undefined>(),
  'account.remove': request(Nothing).returns<undefined>(),
  /** Takes another device off the account's list. */
  'account.remove-device': request(OfDevice).returns<undefined>(),
  'account.set-device-label': request(v.strictObject({ label: Name })).returns<undefined>(),
  /** Ends all off-the-record chats: none of them lives on under other rules. */
  'account.set-mode': request(v.strictObject({ mode: AccountMode })).returns<undefined>(),
  'account.set-password': request(v.strictObject({ password: SecretBytes })).returns<undefined>(),
  'account.view': request(Nothing).returns<AccountView | undefined>(),

  'app.changed': event<AppView>(),
  'app.command': event<MenuCommand>(),
  'app.view': request(Nothing).returns<AppView>(),

  /** Puts one of the codes on the clipboard; main clears it after a minute if it is still there. */
  'clipboard.copy-code': request(v.strictObject({ of: CodeOf })).returns<undefined>(),
  /** The same as a link with the address. */
  'clipboard.copy-link': request(v.strictObject({ of: CodeOf })).returns<undefined>(),
  'clipboard.copy-text': request(
    v.strictObject({ text: v.pipe(v.string(), v.maxLength(65_536)) }),
  ).returns<undefined>(),

  'contact.accept': request(OfAddress).returns<undefined>(),
  'contact.add': request(
    v.strictObject({ jid: Address, name: v.optional(Name) }),
  ).returns<ConversationId>(),
  'contact.block': request(OfAddress).returns<undefined>(),
  'contact.changed': event<ContactView>(),
  'contact.decline': request(OfAddress).returns<undefined>(),
  'contact.list': request(Nothing).returns<readonly ContactView[]>(),
  'contact.remove': request(OfConversation).returns<undefined>(),
  'contact.removed': event<ConversationId>(),
  'contact.rename': request(
    v.strictObject({ id: ConversationId, name: Name }),
  ).returns<undefined>(),
  'contact.requests': request(Nothing).returns<readonly ContactRequestView[]>(),
  'contact.requests-changed': event<readonly ContactRequestView[]>(),

  'conversation.accept': request(OfConversation).returns<undefined>(),
  'conversation.cancel': request(OfConversation).returns<undefined>(),
  /** What the user decides about one device of the contact. */
  'conversation.change-device': request(
    v.strictObject({ id: ConversationId, instanceTag: Tag, change: DeviceChange }),
  ).returns<undefined>(),
  'conversation.changed': event<ConversationView>(),
  /** Removes the messages of an ended off-the-record chat. */
  'conversation.clear': request(OfConversation).returns<undefined>(),
  'conversation.clear-all': request(Nothing).returns<undefined>(),
  /** S10: the user looked and goes on with the new key, unverified. */
  'conversation.accept-key': request(OfConversation).returns<undefined>(),
  'conversation.decline': request(OfConversation).returns<undefined>(),
  /** Drops one held text. The reply is the text, so that Edit can put it back. */
  'conversation.discard-held': request(OfItem).returns<string>(),
  /** Ends off the record with the contact and removes its messages here. */
  'conversation.end': request(OfConversation).returns<undefined>(),
  /** Oldest first; with `before`, only what is older than that item. */
  'conversation.history': request(
    v.strictObject({
      id: ConversationId,
      before: v.optional(ItemId),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
    }),
  ).returns<readonly TimelineItem[]>(),
  'conversation.item-changed': event<TimelineItem>(),
  'conversation.items-removed': event<{
    readonly id: ConversationId;
    readonly items: readonly ItemId[];
  }>(),
  'conversation.mark-read': request(OfConversation).returns<undefined>(),
  /** Tells main which chat is on screen (none: nothing is being read). */
  'conversation.open': request(OfConversation).returns<ConversationView>(),
  'conversation.refresh': request(OfConversation).returns<undefined>(),
  'conversation.resend': request(OfItem).returns<undefined>(),
  /** Finds plain messages only: off-the-record text is in no index. */
  'conversation.search': request(
    v.strictObject({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(500)) }),
  ).returns<readonly TimelineItem[]>(),
  'conversation.send': request(
    v.strictObject({ id: ConversationId, text: Text, stateToken: v.string() }),
  ).returns<ItemId>(),
  /** The user types, or has stopped. Main decides whether the contact may hear of it. */
  'conversation.say-typing': request(
    v.strictObject({ id: ConversationId, typing: v.boolean() }),
  ).returns<undefined>(),
  'conversation.set-rules': request(
    v.strictObject({ id: ConversationId, rules: Rules }),
  ).returns<undefined>(),
  /** Which devices get messages; with `chosen`, the device with this tag. */
  'conversation.set-send-to': request(
    v.strictObject({ id: ConversationId, rule: SendTo, instanceTag: v.optional(Tag) }),
  ).returns<undefined>(),
  /** The user clicked a notification: this chat is wanted on screen. */
  'conversation.show': event<ConversationId>(),
  'conversation.start': request(OfConversation).returns<undefined>(),
  /** After the chat ended: the user confirmed that the next message may go in clear. */
  'conversation.write-unencrypted': request(OfConversation).returns<undefined>(),

  'link.changed': event<LinkView | undefined>(),
  /** Whether the system opens `xmpp:` links here. */
  'link.handler': request(Nothing).returns<boolean>(),
  /** A link that the user pasted; it then waits like one that the system opened. */
  'link.open': request(v.strictObject({ text: Link })).returns<undefined>(),
  /** @returns how it is now: the system may refuse */
  'link.set-handler': request(v.strictObject({ on: v.boolean() })).returns<boolean>(),
  /** The user has dealt with the link. */
  'link.settle': request(
    v.strictObject({ id: v.pipe(v.number(), v.integer()) }),
  ).returns<undefined>(),
  'link.view': request(Nothing).returns<LinkView | undefined>(),

  /** The user goes on with a key server, under the key it announces now; also one that was stopped. */
  'prekeys.accept-server': request(OfKeyServer).returns<undefined>(),
  'prekeys.changed': event<PrekeysView>(),
  /** Leaves keys from now on, or no more. */
  'prekeys.leave': request(v.strictObject({ leaves: v.boolean() })).returns<undefined>(),
  /** Looks again at once: whether this device is listed, and what the key server has. */
  'prekeys.repair': request(Nothing).returns<undefined>(),
  'prekeys.stop-server': request(OfKeyServer).returns<undefined>(),
  'prekeys.view': request(Nothing).returns<PrekeysView>(),

  'settings.changed': event<Settings>(),
  'settings.save': request(v.strictObject({ settings: Settings })).returns<undefined>(),
  'settings.view': request(Nothing).returns<Settings>(),

  /** Makes the profile. Without a passphrase the system's key store holds the key. */
  'vault.create': request(
    v.strictObject({ passphrase: v.optional(SecretBytes) }),
  ).returns<undefined>(),
  'vault.change-passphrase': request(
    v.strictObject({ current: v.optional(SecretBytes), next: v.optional(SecretBytes) }),
  ).returns<undefined>(),
  'vault.lock': request(Nothing).returns<undefined>(),
  /** Looks again at a profile that could not be opened. */
  'vault.retry': request(Nothing).returns<undefined>(),
  'vault.unlock': request(v.strictObject({ passphrase: SecretBytes })).returns<undefined>(),

  'verification.answer': request(
    v.strictObject({ id: ConversationId, answer: SecretBytes }),
  ).returns<undefined>(),
  /** Asks a question that only the contact can answer; without a tag, at the device that gets messages. */
  'verification.ask': request(
    v.strictObject({
      id: ConversationId,
      instanceTag: v.optional(Tag),
      question: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
      answer: SecretBytes,
    }),
  ).returns<undefined>(),
  /** Makes six digits to read aloud and asks for them. */
  'verification.ask-code': request(
    v.strictObject({ id: ConversationId, instanceTag: v.optional(Tag) }),
  ).returns<undefined>(),
  'verification.ask-secret': request(
    v.strictObject({ id: ConversationId, instanceTag: v.optional(Tag), secret: SecretBytes }),
  ).returns<undefined>(),
  /** Cancels our question, or declines theirs. */
  'verification.cancel': request(OfConversation).returns<undefined>(),
  /** The user compared the two codes. */
  'verification.compared': request(
    v.strictObject({
      id: ConversationId,
      instanceTag: v.string(),
      result: v.picklist(['match', 'different']),
    }),
  ).returns<undefined>(),
  'verification.dismiss': request(OfConversation).returns<undefined>(),
  /** For the rest of the day nothing this contact asks is shown. */
  'verification.mute': request(OfConversation).returns<undefined>(),
  /** What a code that was scanned, pasted or opened says about the device. Verifies nothing. */
  'verification.read-code': request(
    v.strictObject({ id: ConversationId, instanceTag: v.string(), text: Code }),
  ).returns<CodeReading>(),
  'verification.remove': request(
    v.strictObject({ id: ConversationId, instanceTag: v.string() }),
  ).returns<undefined>(),
} as const satisfies Contract;

export type AppContract = typeof contract;
