/** The version of this build, from package.json. */
import packageJson from '../package.json' with { type: 'json' };

export const { version } = packageJson;

/** The oldest version of the web client that this server still works with. */
export const minClient = '0.1.0';
