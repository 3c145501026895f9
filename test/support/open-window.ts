// SPDX-License-Identifier: GPL-3.0-or-later

import { flushPromises } from '@vue/test-utils';
import { nextTick } from 'vue';
import type { RouteLocationRaw, Router } from 'vue-router';
import { mountApp } from '../../src/renderer/mount-app.ts';
import type { FakeClient } from './fake-client.ts';

/** The whole window round a fake main, with what a person does to it. */
export interface OpenWindow {
  readonly client: FakeClient;
  readonly router: Router;
  readonly text: () => string;
  /** A control by its accessible name, among those of one kind. */
  readonly find: (kind: Kind, name: string) => HTMLElement;
  readonly has: (kind: Kind, name: string) => boolean;
  readonly click: (kind: Kind, name: string) => Promise<void>;
  readonly type: (name: string, text: string) => Promise<void>;
  readonly press: (
    target: EventTarget,
    key: string,
    more?: KeyboardEventInit,
  ) => Promise<KeyboardEvent>;
  /** Enter in a field: submits the form round it. */
  readonly submit: (name: string) => Promise<void>;
  readonly settle: () => Promise<void>;
  readonly close: () => void;
}

type Kind = 'button' | 'link' | 'field' | 'switch' | 'radio' | 'menuitem' | 'dialog';

const selectors: Readonly<Record<Kind, string>> = {
  button: 'button:not([role=switch]):not([role=radio])',
  link: 'a',
  field: 'input, select, textarea',
  switch: '[role=switch]',
  radio: '[role=radio]',
  menuitem: '[role=menuitem]',
  dialog: '[role=dialog], [role=alertdialog]',
};

const byIds = (ids: string): string =>
  ids
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent ?? '')
    .join(' ');

const labelOf = (element: Element): string => {
  const { id } = element;
  return id === '' ? '' : (document.querySelector(`label[for="${id}"]`)?.textContent ?? '');
};

/** Good enough for our own markup: aria first, then label, then content. */
export function nameOf(element: Element): string {
  const labelledBy = element.getAttribute('aria-labelledby');
  const name =
    element.getAttribute('aria-label') ??
    (labelledBy === null ? undefined : byIds(labelledBy)) ??
    (labelOf(element) || element.textContent);
  return name.replace(/\s+/g, ' ').trim();
}

function find(kind: Kind, name: string): HTMLElement {
  const all = [...document.querySelectorAll<HTMLElement>(selectors[kind])];
  const found = all.find((element) => nameOf(element) === name);
  if (found !== undefined) return found;
  throw new TypeError(`no ${kind} "${name}" among: ${all.map(nameOf).join(' | ')}`);
}

async function settle(): Promise<void> {
  await flushPromises();
  await nextTick();
  await flushPromises();
}

async function press(
  target: EventTarget,
  key: string,
  more: KeyboardEventInit = {},
): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  await settle();
  return event;
}

async function click(kind: Kind, name: string): Promise<void> {
  const element = find(kind, name);
  element.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0 }));
  element.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, button: 0 }));
  element.click();
  await settle();
}

async function type(name: string, text: string): Promise<void> {
  const field = find('field', name) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}

async function submit(name: string): Promise<void> {
  find('field', name)
    .closest('form')
    ?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await settle();
}

export async function openWindow(
  client: FakeClient,
  route?: RouteLocationRaw,
): Promise<OpenWindow> {
  // happy-dom has none: as if nobody had touched the window yet.
  Object.assign(navigator, { userActivation: { hasBeenActive: false } });
  const root = document.createElement('div');
  root.id = 'app';
  document.body.replaceChildren(root);
  const { app, router } = await mountApp(client, '#app');
  await settle();
  if (route !== undefined) await router.push(route);
  await settle();
  return {
    client,
    router,
    text: () => document.body.textContent.replace(/\s+/g, ' '),
    find,
    has: (kind, name) =>
      [...document.querySelectorAll(selectors[kind])].some((element) => nameOf(element) === name),
    click,
    type,
    press,
    submit,
    settle,
    close: () => {
      app.unmount();
      document.body.replaceChildren();
    },
  };
}

/** The input of every request of one name, oldest first. */
export const inputsOf = (client: FakeClient, name: string): readonly unknown[] =>
  client.heard.filter((heard) => heard.name === name).map(({ input }) => input);

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
