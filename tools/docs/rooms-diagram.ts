// SPDX-License-Identifier: GPL-3.0-or-later

/** What a room of rooms.config.js says about its neighbours. */
export interface Room {
  readonly enter?: readonly string[];
  readonly look?: readonly string[];
}

const nodeOf = (room: string): string => room.replaceAll(/[^a-z]/g, '_');

/** The plan of the house as a Mermaid graph: solid lines enter, dotted lines only look. */
export function toDiagram(rooms: Readonly<Record<string, Room>>): string {
  const names = Object.keys(rooms).map((room) => `  ${nodeOf(room)}["${room}"]`);
  const edges = Object.entries(rooms).flatMap(([room, { enter = [], look = [] }]) => [
    ...enter.map((to) => `  ${nodeOf(room)} --> ${nodeOf(to)}`),
    ...look.map((to) => `  ${nodeOf(room)} -.-> ${nodeOf(to)}`),
  ]);
  return ['graph LR', ...names, ...edges, ''].join('\n');
}
