/** Checks of models: pauses, and the names that their vendors know. */
import { listPausedModels } from '../queue-store.ts';
import type { Model } from '../../ports/model.ts';
import { fault, ok, warning, type Check, type Finding } from './finding.ts';

/** Shorter than the doctor waits for a check, so that one vendor hides no other. */
const askForMs = 10_000;
const subjectOfNames = 'names of models';
const successor = "Name its successor in CATALOG or GEMINI_MODEL; the vendor's list of models has the names.";

export const modelChecks: readonly Check[] = [
  {
    subject: 'models',
    otherwise: 'See whether the database is overloaded.',
    async run({ db, config: { catalog } }) {
      const offered = new Set(catalog.models.map(({ id }) => id));
      const paused = (await listPausedModels(db)).filter(({ model }) => offered.has(model));
      if (paused.length === 0) return [ok('models', `${offered.size} on offer, none paused or missing.`)];
      return paused.map(({ model, until, missingSince }) =>
        missingSince === null
          ? warning(
              'models',
              `The vendor takes no questions for ${model} until ${until.toISOString()}.`,
              "Ask the vendor for a higher rate, or lower the plans' limits.",
            )
          : fault('models', `The vendor has not known ${model} since ${missingSince.toISOString()}.`, successor),
      );
    },
  },
  {
    subject: subjectOfNames,
    otherwise: 'Read the log of the workers.',
    async run({ openModels, config: { catalog } }) {
      const models = await openModels();
      const found = await Promise.all(
        catalog.models.map(({ id, candidates }) => checkNames(models.of(id), candidates)),
      );
      const wrong = found.filter((one) => one !== null);
      return wrong.length > 0 ? wrong : [ok(subjectOfNames, 'The vendors know all of them.')];
    },
  },
];

/** Null if nothing is wrong, or there is no vendor to ask. */
async function checkNames(model: Model, candidates: readonly string[]): Promise<Finding | null> {
  let unknown: readonly string[];
  try {
    unknown = (await model.unknownNames?.(AbortSignal.timeout(askForMs))) ?? [];
  } catch (error) {
    return fault(
      subjectOfNames,
      `The vendor of ${model.id} could not be asked: ${error instanceof Error ? error.message : String(error)}.`,
      'See that its key is right, and that this machine reaches it.',
    );
  }
  if (unknown.length === 0) return null;
  const names = unknown.join(', ');
  if (unknown.length === candidates.length)
    return fault(subjectOfNames, `The vendor of ${model.id} does not know ${names}, so it cannot answer.`, successor);
  return warning(
    subjectOfNames,
    `The vendor of ${model.id} does not know ${names}; another of its names answers.`,
    'Remove what has ended from its candidates in CATALOG, and add the successor.',
  );
}
