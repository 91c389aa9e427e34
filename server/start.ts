/** The server as a process: reads the command line and the environment, runs a role, and shuts down cleanly. */
import cluster from 'node:cluster';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { banner } from './banner.ts';
import { help, parseCommandLine } from './command-line.ts';
import { loadEnvFile } from './config/env-file.ts';
import { parseConfig, type Config } from './config.ts';
import { runPrimary } from './processes.ts';
import { refuse } from './refuse.ts';

await main().catch((error: unknown) => refuse(error, '\nPollux did not start.\n'));

async function main(): Promise<void> {
  const role = parseCommandLine(process.argv.slice(2));
  if (role === null) {
    process.stdout.write(help());
    return;
  }
  loadEnvFile(process.env);
  const config = parseConfig(process.env, role);
  if (config.webConcurrency > 1 && cluster.isPrimary) {
    runPrimary(config, (url) => process.stdout.write(`${banner(config, url)}\n`));
    return;
  }
  await runRole(config);
}

async function runRole(config: Config): Promise<void> {
  // Compiled sources of the last start: the next takes a third less CPU. Where they cannot be written, nothing is kept.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/pollux-compile', import.meta.url)));
  // Loaded here, so that `--help`, a refused setting and the primary process do not wait for the whole product.
  const { run } = await import('./run.ts');
  const url = await run(config);
  flushCompileCache();
  if (cluster.isWorker) process.send?.({ ready: url });
  else process.stdout.write(`${banner(config, url)}\n`);
}
