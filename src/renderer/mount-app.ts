// SPDX-License-Identifier: GPL-3.0-or-later

import { createPinia } from 'pinia';
import { type App as VueApp, createApp } from 'vue';
import type { Router } from 'vue-router';
import type { Client } from '#shared/ipc/channel.ts';
import type { AppContract } from '#shared/ipc/contract.ts';
import App from './App.vue';
import { provideClient } from './bridge/use-client.ts';
import { createTranslation } from './i18n/create-i18n.ts';
import { createAppRouter, homeOf } from './router.ts';
import { useApp } from './stores/app.ts';
import './styles/index.css';

interface Mounted {
  readonly app: VueApp;
  readonly router: Router;
  readonly translation: ReturnType<typeof createTranslation>;
}

/** What is dropped beside a field that takes it must not be opened in place of the application. */
function refuseDrops(): void {
  for (const kind of ['dragover', 'drop'] as const) {
    window.addEventListener(kind, (event) => {
      if (!isTextForField(event)) event.preventDefault();
    });
  }
}

const isTextForField = ({ target, dataTransfer }: DragEvent): boolean =>
  (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) &&
  dataTransfer?.types.includes('Files') !== true;

/** Puts the application together round a client and shows it. */
export async function mountApp(client: Client<AppContract>, where: string): Promise<Mounted> {
  const app = createApp(App);
  provideClient(app, client);
  app.use(createPinia());
  refuseDrops();
  const store = useApp();
  await store.load();
  const translation = createTranslation(store.view.locale);
  app.use(translation);
  const router = createAppRouter(() => store.phase.tag);
  app.use(router);
  await router.replace(homeOf(store.phase.tag));
  app.mount(where);
  return { app, router, translation };
}
