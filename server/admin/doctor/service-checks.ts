/** Checks of workers and background jobs. */
import { listDaysDue } from '../rollup-store.ts';
import { readBacklog } from '../../replies/backlog-store.ts';
import { readJobFacts } from './doctor-store.ts';
import { fault, ok, warning, type Check, type DoctorDeps, type Finding } from './finding.ts';

const longestWaitSeconds = 30;
/** Several jobs of the schedule run every minute. */
const longestSilenceSeconds = 600;
/** The job runs every ten minutes. */
const longestRollUpSeconds = 1800;
/** More are not counted. */
const mostDays = 100;

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
    subject: 'sums of usage',
    otherwise: 'See whether the database is overloaded.',
    async run(deps) {
      const [due, { rollUpSeconds }] = await Promise.all([listDaysDue(deps.db, mostDays), readJobFacts(deps.db)]);
      const isBehind = serverMayRun(deps) && (rollUpSeconds === null || rollUpSeconds > longestRollUpSeconds);
      if (due.length === 0 || !isBehind) return [ok('sums of usage', 'They are up to date.')];
      return [
        warning(
          'sums of usage',
          `${due.length === mostDays ? `${mostDays} or more` : due.length} days are not summed up, so reports of usage read them from the ledger, slowly.`,
          'Read in the log of the workers why the job admin/roll-up fails, and restart them.',
        ),
      ];
    },
  },
];

const serverMayRun = ({ isServer, config }: DoctorDeps) => isServer || config.database.kind === 'postgres';
