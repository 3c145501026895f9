// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';
import {
  createMemoryHistory,
  createRouter,
  type RouteLocationNormalized,
  type Router,
  type RouteRecordRaw,
} from 'vue-router';
import type { AppPhase } from '#shared/model/app.ts';
import { ConversationId } from '#shared/model/ids.ts';
import ChatList from './features/contacts/ChatList.vue';
import NoChat from './features/contacts/NoChat.vue';
import ConversationPane from './features/conversation/ConversationPane.vue';
import EncryptionPanel from './features/encryption/EncryptionPanel.vue';
import EncryptionSheets from './features/encryption/EncryptionSheets.vue';
import ChatFrame from './features/frame/ChatFrame.vue';
import LoadingPage from './features/frame/LoadingPage.vue';
import SignInPage from './features/onboarding/SignInPage.vue';
import SettingsFrame from './features/settings/SettingsFrame.vue';
import BrokenPage from './features/unlock/BrokenPage.vue';
import NewProfilePage from './features/unlock/NewProfilePage.vue';
import UnlockPage from './features/unlock/UnlockPage.vue';
import VerificationDialogs from './features/verification/VerificationDialogs.vue';

type PhaseTag = AppPhase['tag'];

declare module 'vue-router' {
  interface RouteMeta {
    /** The phase in which the page makes sense; in every other one the guard leads away. */
    readonly phase: PhaseTag;
  }
}

const homes: Readonly<Record<PhaseTag, string>> = {
  loading: 'loading',
  new: 'new-profile',
  locked: 'unlock',
  broken: 'broken',
  'no-account': 'sign-in',
  ready: 'chats',
};

const chatOf = ({ params }: RouteLocationNormalized) => ({
  id: v.parse(ConversationId, Number(params.id)),
});

const settingsOf = ({ params }: RouteLocationNormalized) => ({
  section: typeof params.section === 'string' ? params.section : '',
});

const routes: readonly RouteRecordRaw[] = [
  { path: '/', name: 'loading', component: LoadingPage, meta: { phase: 'loading' } },
  { path: '/new', name: 'new-profile', component: NewProfilePage, meta: { phase: 'new' } },
  { path: '/unlock', name: 'unlock', component: UnlockPage, meta: { phase: 'locked' } },
  { path: '/broken', name: 'broken', component: BrokenPage, meta: { phase: 'broken' } },
  { path: '/sign-in', name: 'sign-in', component: SignInPage, meta: { phase: 'no-account' } },
  {
    path: '/chats',
    component: ChatFrame,
    meta: { phase: 'ready' },
    children: [
      {
        path: '',
        name: 'chats',
        components: { list: ChatList, default: NoChat },
        meta: { phase: 'ready' },
      },
      {
        path: ':id(\\d+)',
        name: 'chat',
        components: {
          list: ChatList,
          default: ConversationPane,
          panel: EncryptionPanel,
          sheets: EncryptionSheets,
          dialogs: VerificationDialogs,
        },
        props: { default: chatOf },
        meta: { phase: 'ready' },
      },
    ],
  },
  {
    path: '/settings/:section?',
    name: 'settings',
    component: SettingsFrame,
    props: settingsOf,
    meta: { phase: 'ready' },
  },
];

/** Where the window is. In memory only: no address to leak, nothing to go back to after a lock. */
export function createAppRouter(phase: () => PhaseTag): Router {
  const router = createRouter({ history: createMemoryHistory(), routes });
  router.beforeEach((to) => (to.meta.phase === phase() ? true : { name: homes[phase()] }));
  return router;
}

/** The page to which a change of phase leads. */
export const homeOf = (phase: PhaseTag): { readonly name: string } => ({ name: homes[phase] });
