// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Chromium refuses to navigate to schemes it does not know, so `app://bundle/x` is loaded as
 * `http://bundle.app.localhost/x`: an origin of its own and a secure context.
 */
const customUrl = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)(.*)$/s;
const standInUrl = /^http:\/\/([^/?#]+)\.([a-z][a-z0-9+-]*)\.localhost([/?#].*)?$/s;

export function toChromiumUrl(url: string, isHandled: (scheme: string) => boolean): string {
  const [, scheme = '', hostName = '', rest = ''] = customUrl.exec(url) ?? [];
  return isHandled(scheme) ? `http://${hostName}.${scheme}.localhost${rest}` : url;
}

export function fromChromiumUrl(url: string, isHandled: (scheme: string) => boolean): string {
  const [, hostName = '', scheme = '', rest = '/'] = standInUrl.exec(url) ?? [];
  return isHandled(scheme) ? `${scheme}://${hostName}${rest}` : url;
}

/** `app://bundle`, as Electron reports the origin of a standard scheme; `null` where there is none. */
export function originOf(url: string): string {
  const [, scheme = '', hostName = ''] = customUrl.exec(url) ?? [];
  const { origin } = URL.parse(url) ?? { origin: 'null' };
  return origin === 'null' && hostName !== '' && scheme !== 'file'
    ? `${scheme}://${hostName}`
    : origin;
}
