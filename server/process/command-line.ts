/** Parses the server's command line: a role and `--help`. */
import { parseArgs } from 'node:util';
import type { Role } from '../config/config.ts';
import { settings } from '../config/settings.ts';
import { StartRefused } from '../config/start-refused.ts';

/** The role to run; null for `--help`. Throws `StartRefused` for anything else. */
export function parseCommandLine(args: readonly string[]): Role | null {
  const parsed = parse(args);
  if (parsed.values.help) return null;
  const [role = 'all', ...rest] = parsed.positionals;
  if ((role !== 'all' && role !== 'api' && role !== 'worker') || rest.length > 0) {
    throw new StartRefused(`"${parsed.positionals.join(' ')}" is no role; use all, api or worker. See --help.`);
  }
  return role;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    throw new StartRefused(
      `${error instanceof Error ? error.message : 'The command line cannot be read'}. See --help.`,
    );
  }
}

export function help(): string {
  const names = Object.entries(settings);
  const width = Math.max(...names.map(([name]) => name.length));
  const lines = names.map(([name, { fallback, about }]) => {
    const value = fallback === '' ? '' : ` [${fallback}]`;
    return `  ${name.padEnd(width)}  ${about.replaceAll('`', '')}${value}`;
  });
  return `Pollux, a paid AI chat product that you run yourself.

Usage
  npm start                      API and worker in one process
  npm run start:api              API only      (needs PostgreSQL and Redis)
  npm run start:worker           worker only   (needs PostgreSQL and Redis)
  node server/main.ts [all|api|worker]

Settings, from the environment or a .env file [default]
${lines.join('\n')}
`;
}
