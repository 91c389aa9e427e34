/** A run of the one file that is no test of its own. */
import { defineConfig } from 'vitest/config';
import main from '../../vitest.config.ts';

export default defineConfig({ test: { ...main.test, include: ['test/broken-run/everything.ts'] } });
