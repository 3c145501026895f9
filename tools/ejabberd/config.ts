// SPDX-License-Identifier: GPL-3.0-or-later

import type { ComponentOptions } from '../prosody/config.ts';

interface Component extends ComponentOptions {
  readonly port: number;
  /** How many programs share its address. */
  readonly instances: number;
}

export interface EjabberdConfig {
  readonly domain: string;
  readonly starttlsPort: number;
  readonly directTlsPort: number;
  readonly webPort: number;
  /** An external component and where it connects to; undefined has none. */
  readonly component: Component | undefined;
  /** Certificate and key in one file. */
  readonly pemFile: string;
}

/** A string of YAML, which takes those of JSON. */
const quote = (text: string): string => JSON.stringify(text);

/** Several take turns by whoever writes: an exchange lives in the memory of one (docs/prekey-server.md). */
const formatBalancing = ({ jid, instances }: Component): string =>
  instances === 1
    ? ''
    : `domain_balancing: {${quote(jid)}: {type: source, component_number: ${String(instances)}}}\n`;

function formatComponent({ port, jid, secret }: Component): string {
  return `  - port: ${String(port)}
    ip: "127.0.0.1"
    module: ejabberd_service
    max_stanza_size: 1048576
    hosts: {${quote(jid)}: {password: ${quote(secret)}}}
`;
}

/**
 * A server for one domain that listens on loopback only. The default for new nodes stays as it is,
 * so that a test sees whether the client asks for what it needs.
 */
export const formatEjabberdConfig = (config: EjabberdConfig): string => `
hosts: [${quote(config.domain)}]
loglevel: info
certfiles: [${quote(config.pemFile)}]
auth_method: internal
auth_password_format: scram
registration_timeout: infinity
listen:
  - port: ${String(config.starttlsPort)}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 524288
    starttls: true
    starttls_required: true
  - port: ${String(config.directTlsPort)}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 524288
    tls: true
  - port: ${String(config.webPort)}
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers: {/ws: ejabberd_http_ws}
${config.component === undefined ? '' : formatComponent(config.component) + formatBalancing(config.component)}access_rules: {pubsub_createnode: {allow: all}, register: {allow: all}}
modules:
  mod_roster: {versioning: true}
  mod_disco: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_stream_mgmt: {resend_on_timeout: if_offline}
  mod_offline: {}
  mod_mam: {default: always, assume_mam_usage: false}
  mod_ping: {}
  mod_time: {}
  mod_blocking: {}
  mod_privacy: {}
  mod_register: {ip_access: all, access: register, password_strength: 0}
  mod_pubsub:
    access_createnode: pubsub_createnode
    plugins: [flat, pep]
`;
