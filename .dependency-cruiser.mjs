/** Rooms are ESLint's business (rooms.config.js); this finds what it cannot see. */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Data flows one way. `import type` cannot make a cycle at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphan',
      comment: 'A file that nobody imports and that is no entry is dead.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          'tsconfig\\.json$',
          '^src/(main|preload)/index\\.ts$',
          '^src/prekey-server/main\\.ts$',
          'worker\\.ts$',
        ],
      },
      to: {},
    },
    {
      name: 'not-to-test',
      severity: 'error',
      from: { path: '^src' },
      to: { path: '^(test|tools)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'src/main/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.js', '.json', '.css'],
    },
  },
};
