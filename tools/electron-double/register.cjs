// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded with -r before anything else: `electron` resolves to the double, for import and require alike.
const { registerHooks } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `The electron double needs Node 24, this is ${process.versions.node} (${String(minor)}).\n` +
      'Set ELECTRON_DOUBLE_NODE to a Node 24 binary, or install the project with npm.\n',
  );
  process.exit(1);
}

// What `process.argv` is in Electron: the binary, then everything that was given to it.
process.argv.splice(0, 2, join(__dirname, 'dist', 'electron'));

const double = pathToFileURL(join(__dirname, 'electron.ts')).href;
registerHooks({
  resolve(specifier, context, nextResolve) {
    const wanted = specifier === 'electron' || specifier.startsWith('electron/');
    return wanted
      ? { url: double, format: 'module-typescript', shortCircuit: true }
      : nextResolve(specifier, context);
  },
});
