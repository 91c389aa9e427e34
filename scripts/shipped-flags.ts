/** Node's flags in the scripts that start each role, so that tests and benchmarks use the same flags. */
import packageJson from '../package.json' with { type: 'json' };

const { scripts } = packageJson;
const commands = { all: scripts.start, api: scripts['start:api'], worker: scripts['start:worker'] };

/** The flags of `npm start`, `npm run start:api` or `npm run start:worker`. */
export function shippedFlags(role: keyof typeof commands): readonly string[] {
  return commands[role].split(' ').filter((word) => word.startsWith('--'));
}
