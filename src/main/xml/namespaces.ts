// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';

/** Namespaces by their prefixes. */
export type Scope = ReadonlyMap<string, string>;

interface Attribute {
  readonly prefix: string;
  readonly local: string;
  readonly value: string;
}

const RESERVED_PREFIXES: readonly string[] = ['xml', 'xmlns'];
const RESERVED: readonly string[] = [
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2000/xmlns/',
];

/** Stands for none where `xmlns=''` says so: stanza's parser would take the one around it. */
export const NO_NAMESPACE = 'about:none';

/** The guard has seen to it that a name has at most one colon. */
function attributesOf(element: JXT.XMLElement): readonly Attribute[] {
  return Object.entries(element.attributes).map(([name, value = '']) => {
    const colon = name.indexOf(':');
    return { prefix: name.slice(0, Math.max(0, colon)), local: name.slice(colon + 1), value };
  });
}

const isDefault = ({ prefix, local }: Attribute): boolean => prefix === '' && local === 'xmlns';

function mayDeclare(declared: Attribute): boolean {
  if (RESERVED.includes(declared.value)) return false;
  return (
    isDefault(declared) || !(RESERVED_PREFIXES.includes(declared.local) || declared.value === '')
  );
}

/** Two prefixes of one namespace may not make one attribute of two. */
function areDistinct(attributes: readonly Attribute[], scope: Scope): boolean {
  const expanded = attributes
    .filter(({ prefix }) => scope.has(prefix))
    .map(({ prefix, local }) => `${scope.get(prefix) ?? ''} ${local}`);
  return new Set(expanded).size === expanded.length;
}

/** The prefixes that are declared here, among those around. */
function withDeclared(attributes: readonly Attribute[], around: Scope): Scope {
  const declared = attributes.filter(({ prefix }) => prefix === 'xmlns');
  if (declared.length === 0) return around;
  return new Map([...around, ...declared.map(({ local, value }) => [local, value] as const)]);
}

/** What the root of a stream declares for the stanzas in it. */
export const scopeOf = (root: JXT.XMLElement): Scope => withDeclared(attributesOf(root), new Map());

/**
 * Whether the declarations hold to Namespaces in XML 1.0 (sections 3, 5 and 6.3), which stanza's parser
 * does not ask. Changes the element so that "no namespace" is read as that.
 */
export function settleNamespaces(element: JXT.XMLElement, around: Scope = new Map()): boolean {
  if (RESERVED_PREFIXES.some((prefix) => element.name.startsWith(`${prefix}:`))) return false;
  const attributes = attributesOf(element);
  const scope = withDeclared(attributes, around);
  const declared = attributes.filter((each) => each.prefix === 'xmlns' || isDefault(each));
  if (!declared.every(mayDeclare) || !areDistinct(attributes, scope)) return false;
  if (element.attributes.xmlns === '') element.attributes.xmlns = NO_NAMESPACE;
  return element.children.every(
    (child) => typeof child === 'string' || settleNamespaces(child, scope),
  );
}
