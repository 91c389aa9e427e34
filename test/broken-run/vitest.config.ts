/** A run of everything.ts, which is not part of the ordinary run. */
import { defineConfig } from 'vitest/config';
import main from '../../vitest.config.ts';

export default defineConfig({ test: { ...main.test, include: ['test/broken-run/everything.ts'] } });
