import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import boundaries from 'eslint-plugin-boundaries';
import vue from 'eslint-plugin-vue';
import vueA11y from 'eslint-plugin-vuejs-accessibility';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { hallways, rooms } from './rooms.config.js';

const room = (type, extra = {}) => ({ element: { type, ...extra } });
const sameFeature = { captured: { feature: '{{ from.element.captured.feature }}' } };

/** One policy per line of the house plan. */
const policies = Object.entries(rooms).flatMap(
  ([type, { enter = [], look = [], packages = [] }]) => [
    {
      from: room(type),
      allow: { to: room(type, type === 'renderer/features' ? sameFeature : {}) },
    },
    ...enter.map((to) => ({ from: room(type), allow: { to: room(to) } })),
    ...look.map((to) => ({
      from: room(type),
      allow: { to: room(to), dependency: { kind: 'type' } },
    })),
    ...packages.map((source) => ({
      from: room(type),
      allow: {
        to: { module: source === 'node' ? { origin: 'core' } : { origin: 'external', source } },
      },
    })),
  ],
);

const elements = Object.keys(rooms).map((type) =>
  type === 'renderer/features'
    ? { type, pattern: 'src/renderer/features/*', capture: ['feature'] }
    : { type, pattern: `src/${type}` },
);

const inHallways = hallways.map((file) => `src/${file}`);
const dangerousHtml = 'innerHTML|outerHTML|insertAdjacentHTML|write|DOMParser';

export default tseslint.config(
  { ignores: ['out', 'dist', 'coverage', 'node_modules', '.stryker-tmp', 'reports'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,vue}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          './src/*/tsconfig.json',
          './src/main/otr/tsconfig.json',
          './tools/tsconfig.json',
          './test/tsconfig.json',
          './tsconfig.configs.json',
        ],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: name what you export.' },
        { selector: 'TSEnumDeclaration', message: 'A union of literals, not an enum.' },
      ],
      'no-warning-comments': ['error', { terms: ['fixme', 'xxx', 'todo'], location: 'anywhere' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      complexity: ['error', 10],
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'off',
      'no-new-func': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes in through a port.' },
      ],
    },
  },
  {
    files: ['src/main/otr/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='every'] > ArrowFunctionExpression",
          message: 'Bytes are compared in constant time: crypto/constant-time.ts.',
        },
        { selector: 'TSEnumDeclaration', message: 'A union of literals, not an enum.' },
      ],
    },
  },
  {
    files: ['src/main/otr/index.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  ...vue.configs['flat/recommended'].map((config) => ({ ...config, files: ['**/*.vue'] })),
  ...vueA11y.configs['flat/recommended'].map((config) => ({ ...config, files: ['**/*.vue'] })),
  {
    files: ['**/*.vue'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: tseslint.parser },
    },
    rules: {
      'vue/no-v-html': 'error',
      'vue/no-v-text-v-html-on-component': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/require-default-prop': 'off',
      'vue/multi-word-component-names': 'off',
      'max-lines': ['error', { max: 400 }],
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
    },
  },
  {
    files: ['src/renderer/**/*.{ts,vue}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: `MemberExpression[property.name=/^(${dangerousHtml})$/]`,
          message: 'No HTML from text.',
        },
        { selector: 'ExportAllDeclaration', message: 'No barrels: name what you export.' },
      ],
      'max-lines-per-function': ['error', { max: 120, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: inHallways,
    plugins: { boundaries },
    settings: {
      'boundaries/elements': elements,
      'boundaries/include': ['src/**/*'],
      'import/resolver-next': [
        createTypeScriptImportResolver({
          project: ['src/main/tsconfig.json'],
          alwaysTryTypes: true,
        }),
      ],
      'import/resolver': { typescript: { project: ['src/main/tsconfig.json'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        { default: 'disallow', checkAllOrigins: true, policies },
      ],
      'boundaries/no-unknown-files': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    ignores: ['src/main/shell/**', 'src/preload/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'electron', message: 'Only main/shell and preload know Electron.' }] },
      ],
    },
  },
  {
    files: ['tools/**/*.ts', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}', '*.config.ts'],
    languageOptions: { globals: globals.node },
  },
  prettier,
);
