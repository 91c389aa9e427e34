/** The process cannot start with this configuration. The message names the cause and the remedy. */
export class StartRefused extends Error {
  override readonly name: string = 'StartRefused';
}

/** Another process, which runs, has the embedded database. */
export class FolderInUse extends StartRefused {
  override readonly name = 'FolderInUse';
}
