/** Runs StrykerJS on one folder of the server: every mutation that it knows, one at a time. */
import { Stryker } from '@stryker-mutator/core';
import { folders } from './folders.ts';

export interface StrykerResult {
  readonly noticed: number;
  /** Changes that no test detected: `file:line` and the replacement. */
  readonly unnoticed: readonly string[];
}

/** Changes `server/FOLDER` in a copy, and runs the tests of the folder for each change. */
export async function changeFolder(folder: string, concurrency: number): Promise<StrykerResult> {
  process.env.MUTANT_TESTS = folders[folder]!.join('\n');
  const stryker = new Stryker({
    mutate: [`server/${folder}/**/*.ts`, '!server/**/*.test.ts', '!server/**/tables.ts'],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency,
    // Only what in-process tests read.
    ignorePatterns: ['*', '!package.json', '!vitest.config.ts', '!{contract,server,test,dev,scripts,docs}/**'],
    disableTypeChecks: false,
    tempDirName: 'dist/stryker',
    reporters: ['clear-text', 'json', 'progress-append-only'],
    clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
    jsonReporter: { fileName: `dist/mutants/${folder}.json` },
    // Tests have their own time limits; only an endless loop takes longer than this.
    timeoutMS: 60_000,
    // Its rewriting of tsconfig.json needs a compiler API that TypeScript 7 does not have.
    tsconfigFile: 'none',
    allowConsoleColors: false,
  });
  const results = await stryker.runMutationTest();
  const noticed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const unnoticed = results
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ fileName, location, replacement }) => `${fileName}:${location.start.line} ${replacement}`);
  return { noticed, unnoticed };
}
