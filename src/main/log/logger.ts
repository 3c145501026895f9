// SPDX-License-Identifier: GPL-3.0-or-later
import { isCodePlace } from './code-place.ts';
import { type FieldKind, logEvents, type LogEventName, type LogEvents } from './events.ts';

export type LogValue = number | boolean | string;
export type SinkLine = readonly [event: LogEventName, fields: Readonly<Record<string, LogValue>>];
export type Sink = (line: SinkLine) => void;

export interface Logger {
  readonly write: <Event extends LogEventName>(event: Event, fields: LogEvents[Event]) => void;
  /**
   * For callers whose words the compiler does not know. Undeclared events and fields, and values
   * outside their declaration, are left out.
   */
  readonly admit: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export function createLogger(sink: Sink): Logger {
  const admit: Logger['admit'] = (event, fields) => {
    if (isDeclared(event)) sink([event, declaredFields(event, fields)]);
  };
  // The same gate for both: types are gone at run time, and a cast may have got round them.
  return { write: admit, admit };
}

const isDeclared = (event: string): event is LogEventName => Object.hasOwn(logEvents, event);

function declaredFields(
  event: LogEventName,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, LogValue>> {
  const kinds: Readonly<Record<string, FieldKind>> = logEvents[event];
  const kept: Record<string, LogValue> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (isOfKind(value, kind)) kept[name] = value;
  }
  return kept;
}

function isOfKind(value: unknown, kind: FieldKind): value is LogValue {
  if (kind === 'number') return typeof value === 'number';
  if (kind === 'boolean') return typeof value === 'boolean';
  if (kind === 'place') return isCodePlace(value);
  return typeof value === 'string' && kind.includes(value);
}
