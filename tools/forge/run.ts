// SPDX-License-Identifier: GPL-3.0-or-later

import { OtrError } from '#otr/errors.ts';
import { type Command, parseGiven } from './command.ts';
import { Complaint } from './complaint.ts';
import { dake, transcript, verify } from './conversation-commands.ts';
import { ensemble } from './ensemble-command.ts';
import { impersonate } from './impersonate-command.ts';
import { macKey, modify, parse, read, remac } from './message-commands.ts';
import { demo, person } from './people.ts';

const commands: Readonly<Record<string, Command>> = {
  demo,
  parse,
  modify,
  read,
  remac,
  'mac-key': macKey,
  dake,
  transcript,
  impersonate,
  ensemble,
  verify,
  person,
};

const list = Object.entries(commands)
  .map(([name, { does }]) => `  ${name.padEnd(12)} ${does}`)
  .join('\n');

const help = `npm run forge -- COMMAND [options]

Forges OTRv4 messages and conversations, as the protocol wants everybody to be able to: what anyone
can make up proves nothing. Keys are read from files, never from the command line.

${list}

\`npm run forge -- COMMAND --help\` says more; docs/deniability.md tells what it is all for.
`;

const FAILED = 1;
const WRONG_USE = 2;

async function obey([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(help);
    return name === undefined ? WRONG_USE : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    complain(`There is no command ${name}.`, 'npm run forge -- --help  lists them.');
    return WRONG_USE;
  }
  if (rest.includes('--help')) {
    process.stdout.write(`npm run forge -- ${name} ${command.usage}\n\nIt ${command.does}.\n`);
    return 0;
  }
  await command.run(parseGiven(rest, command.options));
  return 0;
}

function complain(wrong: string, wayOn: string): void {
  process.stderr.write(`forge: ${wrong}\n       ${wayOn}\n`);
}

/** Does what the words after `npm run forge --` say. @returns the status to end with */
export async function run(args: readonly string[]): Promise<number> {
  try {
    return await obey(args);
  } catch (cause) {
    const { wrong, wayOn } = explain(cause);
    complain(wrong, wayOn);
    return FAILED;
  }
}

/** What was wrong and how to go on. What nobody foresaw stays an error with its place. */
function explain(cause: unknown): { readonly wrong: string; readonly wayOn: string } {
  if (cause instanceof Complaint) return { wrong: cause.message, wayOn: cause.wayOn };
  if (cause instanceof OtrError) {
    const wayOn = 'Use it exactly as it was sent.';
    return { wrong: `A message or profile is malformed: ${cause.message}.`, wayOn };
  }
  if (cause instanceof RangeError) {
    const wayOn = '`--help` after the command says what it takes.';
    return { wrong: `That cannot be done: ${cause.message}.`, wayOn };
  }
  throw cause;
}
