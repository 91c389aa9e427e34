/** The version of this build, from package.json. */
import packageJson from '../../package.json' with { type: 'json' };

export const { version } = packageJson;

/** The oldest web client that works with this server. */
export const minClient = '0.1.0';
