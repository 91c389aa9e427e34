/** One suite for the database port, over the embedded database and PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database, Statement } from '../../server/ports/database.ts';
import { databases } from '../databases.ts';

const addUser: Statement<never> = { name: 'add_user', text: 'insert into users (mobile_number) values ($1)' };
const usersLike: Statement<{ number: string }> = {
  name: 'users_like',
  text: 'select mobile_number as number from users where mobile_number like $1',
};

for (const { name, open, present } of databases) {
  describe.skipIf(!present)(`database on ${name}`, () => {
    let database: Database;
    beforeAll(async () => {
      database = await open();
    });
    afterAll(() => database[Symbol.asyncDispose]());

    it('returns lists of ids as numbers', async () => {
      const lists: Statement<{ ids: (number | null)[]; none: number[] }> = {
        name: 'lists',
        text: 'select array[1, null, 9007199254740991]::int8[] as ids, array[]::int8[] as none',
      };
      expect(await database.run(lists, [])).toEqual([{ ids: [1, null, Number.MAX_SAFE_INTEGER], none: [] }]);
    });

    it('returns ids as numbers, timestamps as dates and days as text', async () => {
      const typed: Statement<{ id: number; at: Date; day: string; nothing: null }> = {
        name: 'typed',
        text: `select 9007199254740991::int8 as id, $1::timestamptz as at, '2026-11-23'::date as day, null as nothing`,
      };
      const rows = await database.run(typed, [new Date('2026-11-23T08:15:30.123Z')]);
      expect(rows).toEqual([
        { id: Number.MAX_SAFE_INTEGER, at: new Date('2026-11-23T08:15:30.123Z'), day: '2026-11-23', nothing: null },
      ]);
    });

    it('commits a transaction that returns and rolls back one that throws', async () => {
      await database.transaction((tx) => tx.run(addUser, ['+10000001']));
      const failure = database.transaction(async (tx) => {
        await tx.run(addUser, ['+10000002']);
        throw new Error('stop');
      });
      await expect(failure).rejects.toThrow('stop');
      expect(await database.run(usersLike, ['%'])).toEqual([{ number: '+10000001' }]);
    });

    it('reports a violated unique constraint by its SQLSTATE', async () => {
      await database.run(addUser, ['+10000003']);
      const again = database.run(addUser, ['+10000003']);
      await expect(again).rejects.toMatchObject({ code: '23505' });
      await expect(database.run(usersLike, ['+10000003'])).resolves.toHaveLength(1);
    });

    it('runs a statement repeatedly, with different values, none and lists', async () => {
      const echoed: Statement<{ text: string | null; ids: number[] | null; at: Date | null; ok: boolean }> = {
        name: 'echoed',
        text: 'select $1::text as text, $2::int[] as ids, $3::timestamptz as at, $4::int > 1 as ok',
      };
      const at = new Date('2026-11-27T01:02:03.456Z');
      expect(await database.run(echoed, ['it’s', [1, 2], at, 2])).toEqual([
        { text: 'it’s', ids: [1, 2], at, ok: true },
      ]);
      expect(await database.run(echoed, [null, [], null, 1])).toEqual([{ text: null, ids: [], at: null, ok: false }]);
      expect(await database.run(echoed, ['', undefined, at, 0])).toEqual([{ text: '', ids: null, at, ok: false }]);
    });

    it('runs statements without a name', async () => {
      expect(await database.run({ name: '', text: 'select 1 as one' }, [])).toEqual([{ one: 1 }]);
      expect(await database.run({ name: '', text: 'select $1::int as two' }, [2])).toEqual([{ two: 2 }]);
    });

    it('keeps what others committed during a transaction that was rolled back', async () => {
      await database.run(addUser, ['+20000000']);
      const started = Promise.withResolvers<void>();
      const resume = Promise.withResolvers<void>();
      const rolledBack = database.transaction(async (tx) => {
        await tx.run(addUser, ['+20000001']);
        started.resolve();
        await resume.promise;
        throw new Error('stop');
      });
      await started.promise;
      const others = [
        database.run(addUser, ['+20000002']),
        database.execute('insert into users (mobile_number) values ($1)', ['+20000003']),
        database.transaction((tx) => tx.run(addUser, ['+20000004'])),
        database.check(),
      ];
      resume.resolve();
      await expect(rolledBack).rejects.toThrow('stop');
      await Promise.all(others);
      const numbers = (await database.run(usersLike, ['+2000000%'])).map(({ number }) => number);
      expect(numbers.toSorted()).toEqual(['+20000000', '+20000002', '+20000003', '+20000004']);
    });

    it('does not fail other statements during a failed transaction', async () => {
      await database.run(addUser, ['+30000000']);
      const failed = Promise.withResolvers<void>();
      const resume = Promise.withResolvers<void>();
      const block = database.transaction(async (tx) => {
        await tx.run(addUser, ['+30000001']);
        await expect(tx.run(addUser, ['+30000000'])).rejects.toMatchObject({ code: '23505' });
        failed.resolve();
        await resume.promise;
        // The transaction itself accepts no further statement.
        await tx.run(addUser, ['+30000002']);
      });
      await failed.promise;
      const others = ['+30000003', '+30000004', '+30000005'].map((number) => database.run(addUser, [number]));
      resume.resolve();
      await expect(block).rejects.toMatchObject({ code: '25P02' });
      await Promise.all(others);
      const numbers = (await database.run(usersLike, ['+3000000%'])).map(({ number }) => number);
      expect(numbers.toSorted()).toEqual(['+30000000', '+30000003', '+30000004', '+30000005']);
    });

    it('returns the right rows to each of many concurrent statements', async () => {
      const doubled: Statement<{ twice: number }> = { name: 'doubled', text: 'select $1::int * 2 as twice' };
      const numbers = [1, 2, 3, 4, 5];
      const rows = await Promise.all(numbers.map((n) => database.run(doubled, [n])));
      expect(rows.flat()).toEqual(numbers.map((n) => ({ twice: n * 2 })));
    });

    it('runs statements concurrently and after a failed one', async () => {
      const broken: Statement<never> = { name: 'broken', text: 'select 1/0' };
      await expect(database.run(broken, [])).rejects.toMatchObject({ code: '22012' });
      const sums = await Promise.all([1, 2, 3].map((n) => database.execute('select $1::int + 1 as sum', [n])));
      expect(sums.flat()).toEqual([{ sum: 2 }, { sum: 3 }, { sum: 4 }]);
      await database.check();
    });

    it('runs scripts, returns their rows together, and fails no other statement with a failing one', async () => {
      const script = `begin; select 1 as n; set local lock_timeout = 1000; select 2 as n; commit`;
      expect(await database.execute(script, [])).toEqual([{ n: 1 }, { n: 2 }]);
      const failing = () =>
        database.execute(`begin; insert into users (mobile_number) values ('+10000009'); select 1/0; commit`, []);
      const beside = () => database.execute('select $1::int as n', [3]);
      const results = await Promise.allSettled([failing(), beside(), failing(), beside(), beside()]);
      expect(results.map(({ status }) => status === 'fulfilled')).toEqual([false, true, false, true, true]);
      expect(await database.run(usersLike, ['+10000009'])).toEqual([]);
    });
  });
}
