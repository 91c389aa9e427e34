/** The process cannot start with this configuration. The message names the cause and the remedy. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
