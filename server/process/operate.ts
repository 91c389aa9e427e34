/** The operator's command: `npm run admin -- COMMAND`. */
import { FoundFaults } from '../admin/command.ts';
import { loadEnvFile } from '../config/env-file.ts';
import { refuse } from './refuse.ts';
import { runCommand } from './run-command.ts';

await main().catch((error: unknown) => refuse(error));

async function main(): Promise<void> {
  try {
    print(await runCommand(process.argv.slice(2), readEnvironment));
  } catch (error) {
    if (!(error instanceof FoundFaults)) throw error;
    print(error.lines);
    process.exitCode = 1;
  }
}

function readEnvironment(): NodeJS.ProcessEnv {
  loadEnvFile(process.env);
  return process.env;
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
