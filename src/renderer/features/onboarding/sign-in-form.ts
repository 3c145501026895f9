// SPDX-License-Identifier: GPL-3.0-or-later

import type { AccountMode } from '#shared/model/account.ts';
import type { NewAccount } from '../../stores/account.ts';

export interface SignInForm {
  jid: string;
  password: string;
  createOnServer: boolean;
  /** What an invitation brought: the server it is for, and what to show there. */
  invitation: { readonly domain: string; readonly token: string | undefined } | undefined;
  serverShown: boolean;
  host: string;
  port: string;
  tls: 'starttls' | 'direct' | 'websocket';
  /** In place of host and port, when the way is a WebSocket. */
  url: string;
  allowPlain: boolean;
  deviceLabel: string;
  mode: AccountMode;
  leavesKeys: boolean;
  forgingKey: 'destroy' | 'keep';
  filePassphrase: string;
}

export const emptyForm = (deviceLabel: string): SignInForm => ({
  jid: '',
  password: '',
  createOnServer: false,
  invitation: undefined,
  serverShown: false,
  host: '',
  port: '5222',
  tls: 'starttls',
  url: '',
  allowPlain: false,
  deviceLabel,
  mode: 'compatible',
  leavesKeys: true,
  forgingKey: 'destroy',
  filePassphrase: '',
});

const MAX_PORT = 65_535;

/** @returns undefined for what is no port */
export function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text.trim())) return undefined;
  const port = Number(text.trim());
  return port >= 1 && port <= MAX_PORT ? port : undefined;
}

/** Looks like `name@server`. Main decides; this only saves a round for what cannot be one. */
export const looksLikeAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text.trim());

/** Empty is fine: then the address says where the server is. */
export const looksLikeWebSocket = (text: string): boolean =>
  text.trim() === '' || /^wss:\/\/[^\s/]/.test(text.trim());

function toServer(form: SignInForm): NewAccount['server'] {
  if (form.tls === 'websocket') {
    const url = form.url.trim();
    return url === '' ? undefined : { url, tls: form.tls };
  }
  const host = form.host.trim();
  const port = parsePort(form.port);
  return host === '' || port === undefined ? undefined : { host, port, tls: form.tls };
}

/** An invitation is shown to the server that gave it, and to no other. */
function tokenFor({ createOnServer, jid, invitation }: SignInForm): string | undefined {
  if (!createOnServer || invitation === undefined) return undefined;
  const [, domain] = jid.trim().toLowerCase().split('@');
  return domain === invitation.domain ? invitation.token : undefined;
}

export function toNewAccount(form: SignInForm): NewAccount {
  return {
    jid: form.jid.trim(),
    password: form.password,
    createOnServer: form.createOnServer,
    token: tokenFor(form),
    server: toServer(form),
    allowPlain: form.allowPlain,
    deviceLabel: form.deviceLabel.trim(),
    mode: form.mode,
    leavesKeys: form.leavesKeys,
    keepForgingKey: form.forgingKey === 'keep' ? form.filePassphrase : undefined,
  };
}
