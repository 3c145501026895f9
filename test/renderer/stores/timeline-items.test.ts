// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { prependPage, putItem, withoutItems } from '../../../src/renderer/stores/timeline-items.ts';
import { plainScript } from '../../renderer-browser/preview/conversation-sample.ts';

const items = plainScript().items;
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

describe('the items of a chat', () => {
  it('takes a page before what is there, and an item that both hold once', () => {
    const shown = items.slice(2);
    expect(ids(prependPage(shown, items.slice(0, 3)))).toEqual(ids(items));
    expect(prependPage(shown, shown)).toBe(shown);
  });

  it('hears the same view twice without harm', () => {
    const [first] = items;
    if (first === undefined) throw new TypeError('empty script');
    const once = putItem(items, first);
    expect(putItem(once, first)).toEqual(once);
    expect(ids(once)).toEqual(ids(items));
  });

  it('keeps the order of arrival within one instant', () => {
    const [first] = items;
    if (first === undefined) throw new TypeError('empty script');
    const same = { ...first, id: 'm90' as typeof first.id };
    expect(ids(putItem([first], same))).toEqual([first.id, 'm90']);
  });

  it('moves an item whose time changed to where it belongs', () => {
    const [first, ...rest] = items;
    const last = items.at(-1);
    if (first === undefined || last === undefined) throw new TypeError('empty script');
    const moved = putItem(items, { ...first, at: last.at + 1 });
    expect(ids(moved)).toEqual([...ids(rest), first.id]);
  });

  it('takes out what was removed, and is the same list if nothing was', () => {
    const [first] = items;
    if (first === undefined) throw new TypeError('empty script');
    expect(ids(withoutItems(items, new Set([first.id])))).toEqual(ids(items.slice(1)));
    expect(withoutItems(items, new Set())).toBe(items);
  });
});
