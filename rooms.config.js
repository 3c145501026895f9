/**
 * The house plan. Each room lists the rooms it may enter, the rooms it may only look into
 * (`import type`), and the packages it may use. Whatever is not listed is forbidden.
 */
export const rooms = {
  shared: { packages: ['valibot'] },

  'main/otr': { packages: ['@noble/*'] },
  'main/xml': { packages: ['stanza'] },
  'main/xmpp': { enter: ['shared', 'main/log', 'main/xml'], packages: ['stanza', 'ws', 'node'] },
  'main/store': { enter: ['shared'], packages: ['better-sqlite3', 'node'] },
  'main/vault': { enter: ['shared', 'main/log'], packages: ['@noble/*', 'valibot', 'node'] },
  'main/dh': { enter: ['main/otr'], packages: ['node'] },
  'main/settings': { enter: ['shared'], packages: ['valibot', 'node'] },
  'main/log': {},

  'main/conversation': {
    enter: ['shared', 'main/otr', 'main/log'],
    look: ['main/xmpp', 'main/store'],
    packages: ['@scure/bip39'],
  },
  'main/account': {
    enter: ['shared', 'main/otr', 'main/log'],
    look: ['main/xmpp', 'main/store', 'main/vault'],
  },
  'main/prekeys': {
    enter: ['shared', 'main/otr'],
    look: ['main/xmpp', 'main/store'],
  },
  'main/ipc': {
    enter: ['shared', 'main/log'],
    look: ['main/conversation', 'main/account', 'main/prekeys', 'main/settings', 'main/vault'],
    packages: ['valibot'],
  },
  'main/shell': {
    enter: ['shared', 'main/log'],
    look: ['main/ipc', 'main/vault'],
    packages: ['electron', 'node'],
  },

  'prekey-server/watch': { packages: ['node'] },
  'prekey-server/config': { enter: ['main/otr'], packages: ['valibot', 'node'] },
  'prekey-server/stream': {
    enter: ['main/xml', 'prekey-server/watch'],
    packages: ['stanza', 'node'],
  },
  'prekey-server/storage': {
    enter: ['main/otr'],
    packages: ['better-sqlite3', 'pg', 'node'],
  },
  'prekey-server/service': {
    enter: ['main/otr', 'prekey-server/watch'],
    look: ['prekey-server/storage', 'prekey-server/stream'],
    packages: ['node'],
  },

  preload: { enter: ['shared'], packages: ['electron'] },

  'renderer/bridge': { look: ['shared'], packages: ['vue'] },
  'renderer/i18n': { enter: ['shared'], packages: ['vue-i18n'] },
  'renderer/ui': { packages: ['vue', 'reka-ui', '@lucide/vue'] },
  'renderer/stores': { enter: ['renderer/bridge'], look: ['shared'], packages: ['vue', 'pinia'] },
  'renderer/features': {
    enter: ['renderer/stores', 'renderer/ui', 'renderer/i18n'],
    look: ['shared'],
    packages: [
      'vue',
      'vue-i18n',
      'vue-router',
      '@tanstack/vue-virtual',
      '@lucide/vue',
      'reka-ui',
      'qr',
    ],
  },
};

/** Files that wire rooms together. They may enter every room of their own process. */
export const hallways = [
  'main/index.ts',
  'main/compose.ts',
  'main/host-account.ts',
  'prekey-server/main.ts',
  'prekey-server/compose.ts',
  'renderer/main.ts',
  'renderer/mount-app.ts',
  'renderer/App.vue',
  'renderer/router.ts',
  'renderer/vue-shim.d.ts',
];
