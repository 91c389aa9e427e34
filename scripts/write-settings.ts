/** Writes the settings table of README.md and the whole of .env.example from `server/config/settings.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from '../server/config/settings.ts';

const all = Object.entries(settings);

const rows = all.map(
  ([name, { fallback, about }]) => `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${about} |`,
);
const table = ['| setting | default | what it does |', '|---|---|---|', ...rows].join('\n');
const readme = readFileSync('README.md', 'utf8');
writeFileSync(
  'README.md',
  readme.replace(/(<!-- settings -->)[\s\S]*?(<!-- \/settings -->)/, (_, open, close) => `${open}\n${table}\n${close}`),
);

const lines = all.map(([name, { fallback, about }]) => `# ${about}\n#${name}=${fallback}`);
const head = `# Copy this file to .env, uncomment what you want to change, and restart.
# Without it \`npm start\` runs the whole product in one process. Environment variables override this file.`;
writeFileSync('.env.example', `${[head, ...lines].join('\n\n')}\n`);
