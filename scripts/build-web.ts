/** `npm run build:web`: builds the web client for another host, with the API on another origin. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const usage = `Usage: npm run build:web -- --api https://api.example.com [--out web/dist-remote]

Builds the web client for a static host of its own, against the API at that origin. Serve the folder under /app/ and
answer every path there that is no file with index.html. On the API, CORS_ORIGINS names the origin of that host.
More: docs/deployment.md, "The web client on another host".
`;

const { values } = parseArgs({
  options: {
    api: { type: 'string' },
    out: { type: 'string', default: 'web/dist-remote' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
} else {
  const origin = originOf(values.api);
  if (origin === null) {
    process.stderr.write(`--api must be an origin such as https://api.example.com\n\n${usage}`);
    process.exitCode = 1;
  } else {
    const root = path.resolve(import.meta.dirname, '..');
    const vite = path.join(root, 'node_modules/vite/bin/vite.js');
    const config = path.join(root, 'web/vite.config.ts');
    const args = [vite, 'build', '--config', config, '--logLevel', 'warn', '--outDir', path.resolve(values.out)];
    const env = { ...process.env, VITE_API_URL: origin };
    process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
  }
}

/** An http or https origin without a path; null for anything else. */
function originOf(value: string | undefined): string | null {
  if (value === undefined || !URL.canParse(value)) return null;
  const url = new URL(value);
  const isOrigin = /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  return isOrigin ? url.origin : null;
}
