// SPDX-License-Identifier: GPL-3.0-or-later

import type { Config } from './config.ts';

export const USAGE = `usage: npm run prekey-server -- [--config FILE] [--help]

Serves OTRv4 prekeys beside an XMPP server, as an external component (XEP-0114). Everything has a
default for a server on this machine; docs/prekey-server.md tells the rest.
`;

interface Running {
  readonly fingerprint: string;
  readonly watchPort: number | undefined;
}

/** What an operator wants to know at the start. Names the file of the secret, never the secret. */
export function formatHints(config: Config, { fingerprint, watchPort }: Running): string {
  const { jid, host, port } = config;
  const lines = [
    `address: ${jid}`,
    `fingerprint: ${fingerprint}`,
    `xmpp: ${host}:${String(port)}`,
    ...(watchPort === undefined ? [] : [`watch: http://127.0.0.1:${String(watchPort)}/metrics`]),
    ...(config.secret.from === 'made' ? adviceOn(config, config.secret.path) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function adviceOn({ jid, port }: Config, secretFile: string): readonly string[] {
  return [
    `secret: ${secretFile}`,
    '',
    'Tell the XMPP server once, with the secret from that file. Prosody:',
    '',
    `  component_ports = { ${String(port)} }`,
    `  Component "${jid}"`,
    '    component_secret = "…"',
    '',
    'ejabberd, under listen:',
    '',
    `  - {port: ${String(port)}, ip: "127.0.0.1", module: ejabberd_service,`,
    `     hosts: {${jid}: {password: "…"}}}`,
  ];
}
