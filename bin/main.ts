/**
 * Entry of the server, which `server/main.ts` leads to. CommonJS without types: a Node that is too old for everything else
 * reads this file, and prints what it needs. As a module it would fail with a stack before its first line.
 */
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `\nPollux did not start.\nPollux runs on Node 24; this is Node ${process.versions.node}. Use npm start, npm run start:api or npm run start:worker, which bring their own, or install Node 24.\n`,
  );
  process.exitCode = 1;
} else {
  // Saves a third of the CPU time of the next start. It is skipped where it cannot be written.
  process.getBuiltinModule('node:module').enableCompileCache(`${__dirname}/../node_modules/.cache/pollux-compile`);
  void import('../server/process/start.ts');
}
