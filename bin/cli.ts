/**
 * Entry of the operator's command, which `server/cli.ts` leads to. CommonJS without types: a Node that is too old for everything else
 * reads this file, and prints what it needs. As a module it would fail with a stack before its first line.
 */
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `Pollux runs on Node 24; this is Node ${process.versions.node}. Use npm run admin -- COMMAND, which brings its own, or install Node 24.\n`,
  );
  process.exitCode = 1;
} else {
  // Saves a third of the CPU time of the next start. It is skipped where it cannot be written.
  process.getBuiltinModule('node:module').enableCompileCache(`${__dirname}/../node_modules/.cache/pollux-compile`);
  void import('../server/process/operate.ts');
}
