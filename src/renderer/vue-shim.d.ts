// SPDX-License-Identifier: GPL-3.0-or-later

/** For tools that read plain TypeScript only; vue-tsc knows each component's real type. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent;
  export default component;
}
