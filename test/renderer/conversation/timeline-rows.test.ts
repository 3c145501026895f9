// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import type { TimelineRow } from '../../../src/renderer/features/conversation/timeline-row.ts';
import {
  type TimelineSituation,
  toRows,
} from '../../../src/renderer/features/conversation/timeline-rows.ts';
import type { MessageItem } from '../../../src/shared/model/timeline.ts';
import { plainScript, Script } from '../../renderer-browser/preview/conversation-sample.ts';
import { DAY_MS, today } from '../../renderer-browser/preview/sample.ts';

const quiet: TimelineSituation = { state: 'plain', starting: undefined, unfolded: new Set() };
const unverified = { protection: 'unverified' } as const;
const verified = { protection: 'verified' } as const;
const ended: Partial<MessageItem> = { protection: 'verified', ended: true };

const rowsOf = (script: Script, situation: Partial<TimelineSituation> = {}) =>
  toRows(script.items, { ...quiet, ...situation });
const withoutDays = (rows: readonly TimelineRow[]) => rows.filter(({ kind }) => kind !== 'day');
const threads = (rows: readonly TimelineRow[]) => withoutDays(rows).map(({ thread }) => thread);
const rooms = (rows: readonly TimelineRow[]) => withoutDays(rows).map(({ room }) => room);

describe('toRows', () => {
  it('puts one day above the messages of that day, once', () => {
    const items = plainScript().items.map((item, index) => ({
      ...item,
      at: index < 2 ? item.at - DAY_MS : item.at,
    }));
    const kinds = toRows(items, quiet).map(({ kind }) => kind);
    expect(kinds).toEqual(['day', 'message', 'message', 'day', 'message', 'message', 'message']);
  });

  it('leaves more air where the other side speaks', () => {
    const gaps = rowsOf(plainScript()).flatMap((row) => (row.kind === 'message' ? [row.gap] : []));
    expect(gaps).toEqual([false, true, true, false, true]);
  });

  it('ux:I-5 draws what is below the line in the room below, and the rest above', () => {
    const script = new Script()
      .say('in', '14:00', 'a')
      .line('14:02', 'start')
      .say('in', '14:03', 'b', unverified)
      .line('14:10', 'end')
      .say('in', '14:11', 'c');
    expect(rooms(rowsOf(script))).toEqual(['above', 'below', 'below', 'below', 'above']);
  });

  it('knows the room of a page that begins below the line', () => {
    const inside = new Script().say('in', '14:03', 'b', unverified);
    const beforeEnd = new Script().say('in', '14:03', 'held', { delivery: 'held' });
    expect(rooms(rowsOf(inside))).toEqual(['below']);
    expect(rooms(rowsOf(beforeEnd.line('14:10', 'end')))).toEqual(['below', 'below']);
  });

  it('ux:I-5 leaves plain messages above where only the end of a chat is left', () => {
    const script = plainScript().line('14:55', 'end').tombstone('14:55', 12);
    expect(rooms(rowsOf(script)).slice(0, 5)).toEqual(Array(5).fill('above'));
  });

  it('ux:I-6 turns the thread from dotted to solid where the user verified, and not before', () => {
    const script = new Script()
      .line('14:02', 'start')
      .tell('14:02', { name: 'started', verified: false, device: 'Laptop' })
      .say('in', '14:03', 'b', unverified)
      .tell('14:05', { name: 'verified-us' })
      .tell('14:08', { name: 'verified', device: 'Laptop', method: 'question' })
      .say('in', '14:09', 'c', verified);
    expect(threads(rowsOf(script))).toEqual([
      'none',
      'dotted',
      'dotted',
      'dotted',
      'solid',
      'solid',
    ]);
  });

  it('ux:I-4 draws no thread beside what was held, failed, or came in clear', () => {
    const script = new Script()
      .line('14:02', 'start')
      .say('out', '14:03', 'held', { ...unverified, delivery: 'held' })
      .say('out', '14:04', 'failed', { ...unverified, delivery: 'failed' })
      .say('in', '14:05', 'plain', { plainInside: true });
    expect(threads(rowsOf(script))).toEqual(['none', 'none', 'none', 'none']);
  });

  it('stops the thread where the key changed', () => {
    const script = new Script()
      .line('14:02', 'start')
      .say('in', '14:03', 'b', verified)
      .tell('14:05', { name: 'key-changed', device: 'Laptop' })
      .tell('14:06', { name: 'contact-offline' });
    expect(threads(rowsOf(script))).toEqual(['none', 'solid', 'none', 'none']);
  });

  it('shows an ended chat with the thread of the ended', () => {
    const script = new Script()
      .line('14:02', 'start')
      .tell('14:02', { name: 'started', verified: true, device: 'Laptop' })
      .say('in', '14:03', 'b', ended)
      .line('14:10', 'end');
    expect(threads(rowsOf(script))).toEqual(['none', 'ended', 'ended', 'none']);
  });

  it.each(['ended-by-peer', 'expired'] as const)(
    'lets the closing line say "%s", and says it once',
    (name) => {
      const script = new Script()
        .line('14:02', 'start')
        .say('in', '14:03', 'b', ended)
        .tell('14:55', { name })
        .line('14:55', 'end');
      const rows = rowsOf(script);
      expect(rows.at(-1)).toMatchObject({ kind: 'line', words: { name, at: today(14, 55) } });
      expect(rows.some(({ kind }) => kind === 'event')).toBe(false);
    },
  );

  it('keeps "You ended" where no tombstone counts what was removed', () => {
    const told = (script: Script) =>
      rowsOf(script.tell('14:55', { name: 'ended-by-us', removed: 3 }).line('14:55', 'end'));
    const counted = rowsOf(
      new Script()
        .tell('14:55', { name: 'ended-by-us', removed: 3 })
        .line('14:55', 'end')
        .tombstone('14:55', 3),
    );
    expect(told(new Script()).some(({ kind }) => kind === 'event')).toBe(true);
    expect(counted.some(({ kind }) => kind === 'event')).toBe(false);
    expect(counted.at(-1)).toMatchObject({ kind: 'tombstone', room: 'above' });
  });

  it('ux:S2 dims the room at once: the line and the wait stand before what is held', () => {
    const script = plainScript().say('out', '14:02', 'secret', { delivery: 'held' });
    const rows = rowsOf(script, {
      state: 'starting',
      starting: { by: 'us', since: 5, lastFailure: undefined },
    });
    expect(rows.slice(-3)).toMatchObject([
      { kind: 'line', words: { name: 'starting' } },
      { kind: 'waiting', by: 'us', since: 5, room: 'below' },
      { kind: 'message', room: 'below', gap: true },
    ]);
  });

  it('ux:S5 ux:S2 shows below the line what was held until it was drawn, whatever was told meanwhile', () => {
    const sent = { delivery: 'sent', protection: 'verified' } as const;
    const rows = rowsOf(
      plainScript()
        .tell('14:01', { name: 'ended-by-us', removed: 0 })
        .say('out', '14:02', 'one', sent)
        .tell('14:02', { name: 'contact-offline' })
        .say('out', '14:03', 'two', sent)
        .line('14:04', 'start')
        .tell('14:04', { name: 'started-away', verified: true, device: 'Laptop' })
        .say('out', '14:05', 'three', sent),
    );
    const at = rows.findIndex(({ kind }) => kind === 'line');
    expect(rows[at - 1]).toMatchObject({ kind: 'event', room: 'above' });
    expect(rows.slice(at + 1).map(({ kind }) => kind)).toEqual([
      ...['message', 'event', 'message', 'event', 'message'],
    ]);
    expect(rows.slice(at + 1).every(({ room }) => room === 'below')).toBe(true);
  });

  it('leaves above the line what was said before: in clear, by them, in a chat that ended', () => {
    const encrypted = { protection: 'verified' } as const;
    const above = (script: Script) => rowsOf(script.line('14:04', 'start')).at(-1)?.kind;
    expect(above(plainScript())).toBe('line');
    expect(above(plainScript().say('in', '14:02', 'theirs', encrypted))).toBe('line');
    const ended = new Script()
      .line('13:00', 'start')
      .say('out', '13:01', 'before', { ...encrypted, ended: true })
      .line('13:02', 'end');
    expect(above(ended)).toBe('line');
  });

  it('takes the line that main drew instead of a second one', () => {
    const rows = rowsOf(plainScript().line('14:02', 'start'), {
      state: 'starting',
      starting: { by: 'us', since: 5, lastFailure: undefined },
    });
    const lines = rows.filter(({ kind }) => kind === 'line');
    expect(lines).toMatchObject([{ words: { name: 'starting' } }]);
    expect(rows.at(-1)?.kind).toBe('waiting');
  });

  it('keeps the time of the line when keys are refreshed inside a running chat', () => {
    const script = plainScript()
      .line('14:02', 'start')
      .tell('14:02', { name: 'started', verified: false, device: 'Laptop' });
    const rows = rowsOf(script, {
      state: 'starting',
      starting: { by: 'us', since: 5, lastFailure: undefined },
    });
    expect(rows.find(({ kind }) => kind === 'line')).toMatchObject({
      words: { name: 'from', at: today(14, 2) },
    });
  });

  it('folds more than three lines within a minute, and unfolds them on request', () => {
    const script = new Script();
    for (let index = 0; index < 5; index += 1) {
      script.tell('14:02', { name: 'unreadable', count: index + 1 });
    }
    const folded = withoutDays(rowsOf(script));
    expect(folded.map(({ kind }) => kind)).toEqual(['events', 'event']);
    const unfolded = rowsOf(script, { unfolded: new Set([folded[0]?.key ?? '']) });
    expect(withoutDays(unfolded).map(({ kind }) => kind)).toEqual(Array(5).fill('event'));
  });

  it('never folds a changed key away', () => {
    const script = new Script();
    for (let index = 0; index < 5; index += 1) {
      script.tell('14:02', { name: 'key-changed', device: 'Laptop' });
    }
    expect(withoutDays(rowsOf(script))).toHaveLength(5);
  });

  it('gives every row a key of its own', () => {
    const rows = rowsOf(plainScript().line('14:02', 'start').tombstone('14:03', 2));
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });
});
