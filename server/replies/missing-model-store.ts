/** SQL that shares between processes that the vendor does not know a model. */
import type { Connection, Statement } from '../ports/database.ts';

/** Between two probes of the vendor. */
const probeEverySeconds = 3;

const mark: Statement<{ model: string }> = {
  name: 'model_missing',
  text: `insert into model_pauses as known (model, until, missing_since)
    values ($1, now() + interval '${probeEverySeconds} seconds', now())
    on conflict (model) do update set until = excluded.until, missing_since = now() where known.missing_since is null
    returning model`,
};

/** Records that the vendor does not know this model; true for the first caller. */
export async function markModelMissing(db: Connection, model: string): Promise<boolean> {
  return (await db.run(mark, [model])).length > 0;
}

const probe: Statement<{ model: string }> = {
  name: 'model_probe',
  text: `update model_pauses set until = now() + interval '${probeEverySeconds} seconds'
    where model = any($1::text[]) and missing_since is not null and until <= now() returning model`,
};

/** Those of the models that are missing and that the calling process, no other, probes next. */
export async function takeModelProbes(db: Connection, models: readonly string[]): Promise<string[]> {
  return (await db.run(probe, [models])).map(({ model }) => model);
}

const found: Statement<never> = {
  name: 'model_found',
  text: `delete from model_pauses where model = $1 and missing_since is not null`,
};

export async function markModelFound(db: Connection, model: string): Promise<void> {
  await db.run(found, [model]);
}

const state: Statement<{ model: string }> = {
  name: 'models_missing',
  text: `select model from model_pauses where model = any($1::text[]) and missing_since is not null`,
};

/** Those of the models that the vendor does not know. */
export async function readMissingModels(db: Connection, models: readonly string[]): Promise<string[]> {
  return (await db.run(state, [models])).map(({ model }) => model);
}
