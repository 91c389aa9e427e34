/** Wrong settings behind PgBouncer, set up as Supabase and Neon offer it. */
import type { Environment } from '../harness.ts';
import type { WrongSetting } from './wrong-settings.ts';

/** One database at different addresses, and another one. */
export interface Ways {
  readonly direct: string;
  readonly transaction: string;
  readonly statement: string;
  readonly another: string;
}

export interface WrongPooler extends WrongSetting {
  readonly environment: (ways: Ways) => Environment;
}

const shared =
  'DATABASE_URL points to a pooler in transaction mode, which does not keep session locks. Set DATABASE_DIRECT_URL to the address of the same database without it (Supabase: port 5432; Neon: the host without -pooler), or use that address as DATABASE_URL.';

export const wrongPoolers: readonly WrongPooler[] = [
  {
    setting: 'DATABASE_URL',
    given: 'a pooler in transaction mode, alone',
    sentence: shared,
    environment: ({ transaction }) => ({ DATABASE_URL: transaction }),
  },
  {
    setting: 'DATABASE_URL',
    given: 'a pooler in statement mode',
    sentence: shared,
    environment: ({ statement }) => ({ DATABASE_URL: statement }),
  },
  {
    setting: 'DATABASE_DIRECT_URL',
    given: 'the pooler once more',
    sentence:
      'DATABASE_DIRECT_URL points to a pooler in transaction mode as well. Set it to the address of the database itself (Supabase: port 5432; Neon: the host without -pooler).',
    environment: ({ transaction }) => ({ DATABASE_URL: transaction, DATABASE_DIRECT_URL: transaction }),
  },
  {
    setting: 'DATABASE_DIRECT_URL',
    given: 'another database',
    sentence:
      'DATABASE_URL and DATABASE_DIRECT_URL are addresses of two different databases. Set both to the same one, DATABASE_URL through the pooler.',
    environment: ({ transaction, another }) => ({ DATABASE_URL: transaction, DATABASE_DIRECT_URL: another }),
  },
];
