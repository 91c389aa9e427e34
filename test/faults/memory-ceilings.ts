/** Memory limits of a process under attack. Container limits in `deploy/` and `compose.yaml` are higher. */

/** MiB of resident memory for each role. The embedded database alone takes about half of the last. */
export const memoryCeilings = { api: 400, worker: 400, all: 1024 } as const;

/** Memory limit of a container of an API or a worker in MiB: the ceiling plus what the kernel adds. */
export const containerLimitMebibytes = 512;
