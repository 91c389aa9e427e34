/** Checks of workers, background jobs and models. */
import { listPausedModels } from '../queue-store.ts';
import { readBacklog } from '../../replies/backlog-store.ts';
import { readJobFacts } from './doctor-store.ts';
import { fault, ok, warning, type Check, type DoctorDeps, type Finding } from './finding.ts';

const longestWaitSeconds = 30;
/** Several jobs of the schedule run every minute. */
const longestSilenceSeconds = 600;

export const serviceChecks: readonly Check[] = [
  {
    subject: 'workers',
    otherwise: 'See whether the database is overloaded.',
    async run(deps) {
      if (!serverMayRun(deps)) return [ok('workers', 'The server is stopped, since this command holds its folder.')];
      const { workersAlive, depth, oldestSeconds } = await readBacklog(deps.db, deps.plans);
      if (workersAlive === 0) {
        return [
          fault('workers', 'No worker is alive, so nothing is answered.', 'Start a worker: npm run start:worker.'),
        ];
      }
      const found = `${workersAlive} alive, ${depth} replies wait.`;
      if (oldestSeconds <= longestWaitSeconds) return [ok('workers', found)];
      return [
        fault(
          'workers',
          `${found} The oldest has waited for ${Math.round(oldestSeconds)} s.`,
          'Start more workers, or raise WORKER_CONCURRENCY.',
        ),
      ];
    },
  },
  {
    subject: 'background jobs',
    otherwise: 'See whether the database is overloaded.',
    async run(deps) {
      const { scheduledSeconds, failing } = await readJobFacts(deps.db);
      const found: Finding[] = [];
      if (serverMayRun(deps) && (scheduledSeconds === null || scheduledSeconds > longestSilenceSeconds)) {
        found.push(
          fault(
            'background jobs',
            `No job of the schedule has completed in the last ${longestSilenceSeconds / 60} minutes.`,
            'Read the log of the workers, and restart them.',
          ),
        );
      }
      if (failing.length > 0) {
        found.push(
          warning(
            'background jobs',
            `Jobs fail again and again: ${failing.join(', ')}.`,
            'Read the log of the workers; jobs are retried until they succeed.',
          ),
        );
      }
      return found.length > 0 ? found : [ok('background jobs', 'None fails again and again.')];
    },
  },
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
          : fault(
              'models',
              `The vendor has not known ${model} since ${missingSince.toISOString()}.`,
              "Name its successor in CATALOG or GEMINI_MODEL; the vendor's list of models has the names.",
            ),
      );
    },
  },
];

const serverMayRun = ({ isServer, config }: DoctorDeps) => isServer || config.database.kind === 'postgres';
