import { rooms } from './rooms.config.js';

const inner = Object.keys(rooms).map((room) => room.replace(/^(main|renderer)\//, ''));

export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    'header-max-length': [2, 'always', 72],
    'scope-enum': [
      2,
      'always',
      [...inner, 'house', 'renderer', 'main', 'double', 'demo', 'bench', 'test', 'docs', 'ci'],
    ],
  },
};
