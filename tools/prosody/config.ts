// SPDX-License-Identifier: GPL-3.0-or-later

/** A component as the server and the component itself have to know it. */
export interface ComponentOptions {
  /** A sub-domain of the server's domain is found by service discovery. */
  readonly jid: string;
  readonly secret: string;
}

export interface ProsodyConfig {
  readonly folder: string;
  readonly pluginFolder: string;
  readonly domain: string;
  readonly starttlsPort: number;
  readonly directTlsPort: number;
  readonly httpsPort: number;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly registration: boolean;
  /** Where to record every stanza; undefined records nothing. */
  readonly recordFile: string | undefined;
  /** Prosody refuses to run as root unless told that it is meant. */
  readonly asRoot: boolean;
  /** An external component and where it connects to; undefined has none. */
  readonly component: (ComponentOptions & { readonly port: number }) | undefined;
  /** More lines in Prosody's own language, for what a test is about. */
  readonly extra: string;
  /** Lines behind everything else: further hosts. */
  readonly after: string;
  /** Beside those that every test has. */
  readonly modules: readonly string[];
}

const MODULES = [
  'roster',
  'saslauth',
  'tls',
  'disco',
  'ping',
  'time',
  'posix',
  'register',
  'pep',
  'carbons',
  'mam',
  'smacks',
  'csi_simple',
  'blocklist',
  'offline',
  'http',
  'websocket',
] as const;

/** A Lua string literal. */
const quote = (text: string): string => JSON.stringify(text);

/** A server for one domain that listens on loopback only and talks to no other server. */
export function formatProsodyConfig(config: ProsodyConfig): string {
  const { folder, recordFile } = config;
  const modules = [
    ...MODULES,
    ...config.modules,
    ...(recordFile === undefined ? [] : ['wire_record']),
  ];
  const keys = `{ certificate = ${quote(config.certificateFile)}; key = ${quote(config.keyFile)} }`;
  const root = config.asRoot
    ? ['run_as_root = true', 'prosody_user = "root"', 'prosody_group = "root"']
    : [];
  return [
    ...root,
    `pidfile = ${quote(`${folder}/prosody.pid`)}`,
    `data_path = ${quote(`${folder}/data`)}`,
    `plugin_paths = { ${quote(config.pluginFolder)} }`,
    'interfaces = { "127.0.0.1" }',
    'local_interfaces = { "127.0.0.1" }',
    `modules_enabled = { ${modules.map(quote).join('; ')} }`,
    'modules_disabled = { "s2s" }',
    `allow_registration = ${String(config.registration)}`,
    'c2s_require_encryption = true',
    'authentication = "internal_hashed"',
    'password_hash = "SHA-256"',
    'storage = "internal"',
    'archive_expires_after = "1d"',
    'default_archive_policy = true',
    `c2s_ports = { ${String(config.starttlsPort)} }`,
    `c2s_direct_tls_ports = { ${String(config.directTlsPort)} }`,
    'http_ports = {}',
    `https_ports = { ${String(config.httpsPort)} }`,
    'https_interfaces = { "127.0.0.1" }',
    `http_default_host = ${quote(config.domain)}`,
    `certificates = ${quote(folder)}`,
    `ssl = ${keys}`,
    `c2s_direct_tls_ssl = ${keys}`,
    `https_ssl = ${keys}`,
    `log = { { levels = { min = "info" }, to = "file", filename = ${quote(`${folder}/prosody.log`)} } }`,
    ...(recordFile === undefined ? [] : [`wire_record_file = ${quote(recordFile)}`]),
    `component_ports = { ${String(config.component?.port ?? '')} }`,
    'component_interfaces = { "127.0.0.1" }',
    config.extra,
    `VirtualHost ${quote(config.domain)}`,
    ...(config.component === undefined ? [] : formatComponent(config.component)),
    config.after,
    '',
  ].join('\n');
}

function formatComponent(component: ComponentOptions): readonly string[] {
  return [`Component ${quote(component.jid)}`, `component_secret = ${quote(component.secret)}`];
}
