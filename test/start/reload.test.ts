/** A reload of the catalog: every process takes it up, and one that cannot come into force changes nothing. */
import { copyFileSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runAdmin, type AdminResult } from '../admin/run-admin.ts';
import { catalogFile } from '../catalog-file.ts';
import { request, signIn } from '../client.ts';
import { scrape } from '../deploy/scrape.ts';
import { distributedPlace, embeddedPlace, type Environment } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql } from '../sql.ts';
import { goodCatalog } from './bad-catalogs.ts';

const [free, plus, max] = goodCatalog.plans;
const withLimit = (daily_messages: number) => ({
  ...goodCatalog,
  plans: [{ ...free, daily_messages, models: ['fast', 'deep'] }, plus, max],
});
const withoutPlus = { ...goodCatalog, plans: [free, max] };
const wrong = { ...goodCatalog, plans: [{ ...free, models: ['slow'] }, plus, max] };
const withKey = {
  ...goodCatalog,
  models: goodCatalog.models.map((model) =>
    model.id === 'local' ? { ...model, api_key_env: 'KEY_OF_THE_COMMAND' } : model,
  ),
};

/** A file with the first catalog, and what reloads it with another. */
function catalogOf(environment: Environment) {
  const CATALOG = catalogFile();
  return {
    CATALOG,
    reload(catalog: unknown, more: Environment = {}): Promise<AdminResult> {
      writeFileSync(CATALOG, JSON.stringify(catalog));
      return runAdmin({ ...environment, CATALOG, ...more }, 'catalog', 'reload');
    },
  };
}

const limitAt = async ({ url }: RunningProcess) => (await request('GET', `${url}/plans`)).body[0].daily_limit;
const tookUp = (one: RunningProcess) => one.output().match(/took up a catalog/g)?.length ?? 0;

const done = (lines: RegExp | string) => ({ code: 0, complaint: '', lines: [expect.stringMatching(lines)] });
const refused = (words: RegExp | string) => ({ code: 1, lines: [], complaint: expect.stringMatching(words) });
const isWrong = refused(/^CATALOG \/plans\/0\/models\/0 names slow, which is not a model of this file\.\n$/);
const lacksPlus = refused(/^CATALOG must have every plan that accounts hold; it lacks Plus \(1\)\. [^\n]*\n$/);
const inForce = /^In force: 3 model\(s\), and the plans Free, Plus, Max\./;

describe.skipIf(!services.postgres || !services.redis)('over several processes', () => {
  it(
    'is taken up by all, those that were away and those that start too; a bad one changes nothing',
    { timeout: 120_000 },
    async () => {
      await using place = await distributedPlace();
      await using opened = new AsyncDisposableStack();
      const environment = { ...place.environment, LOG_LEVEL: 'info' };
      const { CATALOG, reload } = catalogOf(environment);
      const start = async (role: 'api' | 'worker', file = CATALOG) =>
        opened.use(await startProcess({ ...environment, CATALOG: file }, role));
      const old = catalogFile();
      copyFileSync(CATALOG, old);
      const [api, away, worker] = await Promise.all([start('api'), start('api'), start('worker')]);
      expect(await Promise.all([api, away].map(limitAt))).toEqual([5, 5]);

      await away.kill('SIGSTOP');
      expect(await reload(withLimit(7))).toEqual(done(inForce));
      await expect.poll(() => limitAt(api), { timeout: 5000 }).toBe(7);
      await expect.poll(() => tookUp(worker), { timeout: 5000 }).toBe(1);
      await away.kill('SIGCONT');
      await expect.poll(() => limitAt(away), { timeout: 5000 }).toBe(7);

      // Its file is a copy from before the reload.
      utimesSync(old, new Date('2026-01-01'), new Date('2026-01-01'));
      const late = await start('api', old);
      expect(await limitAt(late)).toBe(7);
      expect(late.output()).toContain('CATALOG is older than the catalog in force');

      const user = await signIn(api.url);
      const roomId = await user.room();
      const { body } = await user.call('POST', `/chatroom/${roomId}/message`, {
        body: { content: 'Why?', model: 'deep' },
      });
      expect(await user.waitForReply(roomId, { messageId: body.id })).toMatchObject({
        model: 'deep',
        fallback_from: null,
      });

      const running = [api, away, late];
      const counts = running.map(tookUp);
      expect(await reload(wrong)).toEqual(isWrong);
      await using connection = await connectSql(place);
      await connection.sql(`update users set tier = 'Plus' where mobile_number = $1`, [user.number]);
      expect(await reload(withoutPlus)).toEqual(lacksPlus);
      expect(await reload(withLimit(7))).toEqual(done('This catalog is in force already.'));
      expect(await Promise.all(running.map(limitAt))).toEqual([7, 7, 7]);
      expect(running.map(tookUp)).toEqual(counts);

      // The processes do not have its key.
      expect(await reload(withKey, { KEY_OF_THE_COMMAND: 'k' })).toEqual(done(inForce));
      const behind = async () => (await scrape(api.url)).value('pollux_catalog_behind');
      await expect.poll(behind, { timeout: 5000 }).toBe(1);
      expect(api.output()).toContain('CATALOG /models/2/api_key_env names KEY_OF_THE_COMMAND, which is not set.');
      expect(await limitAt(api)).toBe(7);
      // A file that is changed after that brings itself into force at the next start.
      writeFileSync(CATALOG, JSON.stringify(withLimit(9)));
      expect(await limitAt(await start('api'))).toBe(9);
      await expect.poll(() => limitAt(api), { timeout: 5000 }).toBe(9);
      await expect.poll(behind).toBe(0);

      const audited = await connection.sql(`select actor from audit_log where action = 'catalog_reloaded'`);
      expect(audited).toEqual([{ actor: 'command' }, { actor: 'command' }]);
    },
  );
});

describe('in embedded mode', () => {
  it('is taken up by the server that runs, and checked while none does', { timeout: 120_000 }, async () => {
    await using place = await embeddedPlace();
    const { CATALOG, reload } = catalogOf(place.environment);
    await using running = await startProcess({ ...place.environment, CATALOG });
    expect(await limitAt(running)).toBe(5);
    expect(await reload(withLimit(7))).toEqual(done(inForce));
    expect(await limitAt(running)).toBe(7);
    const user = await signIn(running.url);
    const roomId = await user.room();
    await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'Why?', model: 'deep' } });
    expect(await user.waitForReply(roomId)).toMatchObject({ model: 'deep' });

    expect(await reload(wrong)).toEqual(isWrong);
    expect(await reload({ ...goodCatalog, plans: [{ ...free, id: 'Other' }, plus, max] })).toEqual(
      refused(/it lacks Free \(1\)/),
    );
    expect(await limitAt(running)).toBe(7);
    expect(await running.kill()).toBe(0);

    expect(await reload(withLimit(9))).toEqual(done('No server runs; the next start takes it up.'));
  });
});
