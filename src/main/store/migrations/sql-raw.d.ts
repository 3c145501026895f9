// SPDX-License-Identifier: GPL-3.0-or-later
declare module '*.sql?raw' {
  const text: string;
  export default text;
}
