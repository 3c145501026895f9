// SPDX-License-Identifier: GPL-3.0-or-later

import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { avatarColour, initialOf } from '../../../src/renderer/ui/avatar-colour.ts';
import Button from '../../../src/renderer/ui/Button.vue';
import PasswordField from '../../../src/renderer/ui/PasswordField.vue';
import StateChip from '../../../src/renderer/ui/StateChip.vue';
import { stateDrawings } from '../../../src/renderer/ui/state-drawings.ts';
import { stateLook, type StateName } from '../../../src/renderer/ui/state-look.ts';
import StateShape from '../../../src/renderer/ui/StateShape.vue';

const states = Object.keys(stateLook) as readonly StateName[];

describe('state shapes', () => {
  it('ux:I-5 differ from each other without colour', () => {
    const drawn = states.map((state) => mount(StateShape, { props: { state } }).html());
    expect(new Set(drawn).size).toBe(states.length);
    expect(Object.keys(stateDrawings)).toEqual(states);
  });

  it('are decoration unless they have a name', () => {
    const silent = mount(StateShape, { props: { state: 'verified' } });
    expect(silent.attributes('aria-hidden')).toBe('true');
    const named = mount(StateShape, { props: { state: 'verified', label: 'Verified' } });
    expect(named.attributes()).toMatchObject({ role: 'img', 'aria-label': 'Verified' });
  });

  it('ux:2.5.3 tell unverified by a dotted edge and verified by a solid one', () => {
    expect(stateLook.unverified).toMatchObject({
      chip: 'dotted',
      composer: 'dotted',
      tone: 'warn',
    });
    expect(stateLook.verified).toMatchObject({ chip: 'solid', composer: 'solid', tone: 'ok' });
    expect(stateLook.starting).toMatchObject({ chip: 'dashed', composer: 'dashed' });
  });
});

describe('the chip', () => {
  it('is a button with the whole text', () => {
    const chip = mount(StateChip, {
      props: { state: 'unverified', text: 'Off the record', qualifier: 'not verified', label: 'L' },
    });
    expect(chip.attributes('type')).toBe('button');
    expect(chip.text().replace(/\s+/g, ' ')).toBe('Off the record · not verified');
  });
});

describe('a busy button', () => {
  it('ignores presses and keeps the focus', async () => {
    let presses = 0;
    const button = mount(Button, {
      props: { busy: true, onClick: () => (presses += 1) },
      slots: { default: 'Go' },
      attachTo: document.body,
    });
    (button.element as HTMLElement).focus();
    await button.trigger('click');
    expect(presses).toBe(0);
    expect(document.activeElement).toBe(button.element);
    expect(button.attributes('aria-busy')).toBe('true');
    await button.setProps({ busy: false });
    await button.trigger('click');
    expect(presses).toBe(1);
    button.unmount();
  });
});

describe('a password', () => {
  it('is hidden until its owner wants to see it', async () => {
    const field = mount(PasswordField, {
      props: { modelValue: 'abc', label: 'Password', showLabel: 'Show', hideLabel: 'Hide' },
    });
    expect(field.get('input').attributes('type')).toBe('password');
    await field.get('button').trigger('click');
    expect(field.get('input').attributes('type')).toBe('text');
    expect(field.get('button').attributes('aria-label')).toBe('Hide');
  });
});

describe('an avatar', () => {
  it('has always the same colour for an address, and uses all six', () => {
    expect(avatarColour('bob@example.org')).toBe(avatarColour('bob@example.org'));
    const colours = Array.from({ length: 100 }, (_, index) =>
      avatarColour(`a${String(index)}@x.org`),
    );
    expect(new Set(colours)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });

  it('shows the first letter as people see one', () => {
    expect(initialOf('bob')).toBe('B');
    expect(initialOf('  “élodie”')).toBe('É');
    expect(initialOf('ليلى')).toBe('ل');
    expect(initialOf('🙂')).toBe('');
  });
});
