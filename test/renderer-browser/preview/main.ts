// SPDX-License-Identifier: GPL-3.0-or-later

import { nextTick } from 'vue';
import { en } from '../../../src/shared/i18n/en.ts';
import { mountApp } from '../../../src/renderer/mount-app.ts';
import { pseudoOf } from './pseudo.ts';
import type { Scenario, Scenarios } from './scenario.ts';

/** Each file of `scenarios/` exports `scenarios`. */
const files = import.meta.glob<{ readonly scenarios: Scenarios }>('./scenarios/*.ts', {
  eager: true,
});

function scenarioOf(name: string): Scenario {
  const [file = '', look = ''] = name.split('/');
  const scenario = files[`./scenarios/${file}.ts`]?.scenarios[look];
  if (scenario === undefined) throw new TypeError(`no scenario ${name}`);
  return scenario;
}

/** Waits until something is on screen, at most for as long as Vue needs to draw. */
async function find(selector: string): Promise<HTMLElement> {
  for (let turn = 0; turn < 200; turn += 1) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found !== null) return found;
    await new Promise(requestAnimationFrame);
  }
  throw new TypeError(`nothing matches ${selector}`);
}

const click = async (selector: string): Promise<void> => {
  const element = await find(selector);
  for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup'] as const) {
    const Kind = kind.startsWith('pointer') ? PointerEvent : MouseEvent;
    element.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, button: 0 }));
  }
  element.click();
  await nextTick();
};

const type = async (selector: string, text: string): Promise<void> => {
  const field = (await find(selector)) as HTMLInputElement;
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await nextTick();
};

const query = new URLSearchParams(location.search);
const scenario = scenarioOf(query.get('scenario') ?? 'start/sign-in');
const client = scenario.client();
const { router, translation } = await mountApp(client, '#app');

/** From now on; a test asks for another language with the event of this name. */
async function speak(language: string | null): Promise<void> {
  if (language === 'pseudo') translation.global.setLocaleMessage('en', pseudoOf(en));
  translation.global.locale.value = language === 'de' ? 'de' : 'en';
  await nextTick();
}

document.addEventListener('speak', ({ detail }: CustomEventInit<string>) => {
  void speak(detail ?? null);
});
await speak(query.get('speak'));
if (scenario.route !== undefined) await router.push(scenario.route);
await nextTick();
await scenario.then?.({ client, router, click, type });
await nextTick();
document.documentElement.dataset['ready'] = 'yes';
