/** What a process may hold at most while it is attacked. Container limits in `deploy/` and `compose.yaml` lie above it. */

/** MiB of resident memory for each role. The embedded database alone takes about half of the last. */
export const memoryCeilings = { api: 400, worker: 400, all: 1024 } as const;

/** MiB a container of an API or a worker is limited to: the ceiling and room for the kernel's own accounting. */
export const containerLimitMebibytes = 512;
