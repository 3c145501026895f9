// SPDX-License-Identifier: GPL-3.0-or-later

import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A law that is broken on purpose: where, by which line, and which rule must object. */
const planted: readonly [file: string, line: string, rule: string][] = [
  ['main/otr/planted.ts', `import '#main/store/database.ts';`, 'boundaries/dependencies'],
  ['main/otr/planted.ts', `import 'node:fs';`, 'boundaries/dependencies'],
  ['main/otr/planted.ts', `import '#shared/model/jid.ts';`, 'boundaries/dependencies'],
  ['main/otr/planted.ts', `import 'stanza';`, 'boundaries/dependencies'],
  ['main/xmpp/planted.ts', `import '#otr/bytes.ts';`, 'boundaries/dependencies'],
  ['main/xmpp/planted.ts', `import '#main/store/database.ts';`, 'boundaries/dependencies'],
  ['main/store/planted.ts', `import 'stanza';`, 'boundaries/dependencies'],
  ['main/vault/planted.ts', `import '#main/store/database.ts';`, 'boundaries/dependencies'],
  ['main/conversation/planted.ts', `import '#main/xmpp/wire.ts';`, 'boundaries/dependencies'],
  ['main/conversation/planted.ts', `import 'electron';`, 'no-restricted-imports'],
  ['main/shell/planted.ts', `import '#main/conversation/inbox.ts';`, 'boundaries/dependencies'],
  ['shared/planted.ts', `import '#main/log/logger.ts';`, 'boundaries/dependencies'],
  ['renderer/ui/planted.ts', `import 'pinia';`, 'boundaries/dependencies'],
  ['renderer/ui/planted.ts', `import '../stores/app.ts';`, 'boundaries/dependencies'],
  [
    'renderer/features/unlock/planted.ts',
    `import '#main/log/logger.ts';`,
    'boundaries/dependencies',
  ],
  [
    'renderer/features/unlock/planted.ts',
    `import '../conversation/threads.ts';`,
    'boundaries/dependencies',
  ],
  [
    'renderer/features/unlock/planted.ts',
    `import '../../bridge/client.ts';`,
    'boundaries/dependencies',
  ],
  ['cellar/planted.ts', `export const a = 1;`, 'boundaries/no-unknown-files'],
];

describe('house: the plan of the rooms is law', () => {
  const eslint = new ESLint({
    cwd: root,
    // Layering needs no types, and the planted files exist nowhere.
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { project: false } },
    },
    ruleFilter: ({ ruleId }) =>
      ruleId.startsWith('boundaries/') || ruleId === 'no-restricted-imports',
  });

  it.each(planted)('src/%s may not say %s', async (file, line, rule) => {
    const [result] = await eslint.lintText(`${line}\n`, { filePath: join(root, 'src', file) });
    expect(result?.messages.map(({ ruleId }) => ruleId)).toContain(rule);
  });

  it('lets a room look where it may look', async () => {
    const [result] = await eslint.lintText(
      `import type { WireEvent } from '#main/xmpp/wire.ts';\nexport type T = WireEvent;\n`,
      { filePath: join(root, 'src/main/conversation/planted.ts') },
    );
    expect(result?.messages).toEqual([]);
  });
});
