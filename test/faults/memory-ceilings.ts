/** Memory limits of a process under attack. Container limits in `deploy/` and `compose.yaml` are higher. */

/** MiB of resident memory for each role. The embedded database alone takes about half of the last. */
export const memoryCeilings = { api: 400, worker: 400, all: 1024 } as const;

/** Memory limits of containers in MiB: the ceiling plus what the kernel adds, and the reader of an uploaded file. */
export const containerLimitMebibytes = { api: 512, worker: 1024 } as const;
