/** Node's flags in the script `start`, so that what is tested and measured is what ships. */
import packageJson from '../package.json' with { type: 'json' };

export const shippedFlags: readonly string[] = packageJson.scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));
