/** Commands about accounts. */
import * as contract from '../../contract/admin-users.ts';
import { normaliseNumber } from '../accounts/phone-number.ts';
import { commandLine } from '../audit/store.ts';
import { StartRefused } from '../config/start-refused.ts';
import { ProblemError } from '../problems/problem.ts';
import { changeUser, endSessions, type UserChange } from './change-user.ts';
import type { AdminDeps, Command } from './command.ts';
import { deleteUser } from './delete-user.ts';
import { presentDetail } from './present.ts';
import { readStanding } from '../subscriptions/store.ts';
import { findByNumber, listUsers, readUser } from './user-store.ts';

const mostFound = 50;
/** Other processes poll for ended sessions. */
const endSession = () => {};

export const userCommands: Readonly<Record<string, Command>> = {
  'users find': {
    usage: 'users find NUMBER|ID',
    about: 'users by a part of their number, or by id',
    operations: [contract.adminListUsers],
    async run({ db }, [query = '']) {
      if (!/\d/.test(query)) throw new StartRefused('users find needs a number, a part of one, or an id.');
      const found = await listUsers(db, { query, limit: mostFound });
      if (found.length === 0) return ['Nobody found.'];
      return found.map((user) => {
        const granted = user.grantedTier === null ? '' : ' (granted)';
        const since = user.verifiedAt === null ? 'never signed in' : `since ${user.createdAt.toISOString()}`;
        const marks = `${user.role === 'admin' ? '  admin' : ''}${user.blocked ? '  blocked' : ''}`;
        return `${user.id}  ${user.mobileNumber}  ${user.tier}${granted}  ${since}${marks}`;
      });
    },
  },
  'users show': {
    usage: 'users show NUMBER',
    about: 'one account: plan, devices, use, cost and payments',
    operations: [contract.adminReadUser],
    async run(deps, [text = '']) {
      const { userId } = await find(deps, text);
      const [user, standing] = await Promise.all([readUser(deps.db, userId), readStanding(deps.db, userId)]);
      if (user === null) throw new StartRefused('The account is being deleted.');
      const facts = Object.entries(presentDetail(user, standing));
      return facts.map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
    },
  },
  'users set-tier': {
    usage: 'users set-tier NUMBER PLAN|auto',
    about: 'grant a plan regardless of payment; auto: by payment again',
    operations: [contract.adminChangeUser],
    async run(deps, [text = '', tier = '']) {
      const granted = deps.plans.all.find(({ id }) => id === tier)?.id ?? null;
      if (granted === null && tier !== 'auto')
        throw new StartRefused(`users set-tier takes ${deps.plans.all.map(({ id }) => id).join(', ')} or auto.`);
      const { number, userId } = await change(deps, text, { tier: granted });
      return [`${number} is ${(await readUser(deps.db, userId))?.tier ?? 'gone'}.`];
    },
  },
  'users set-role': {
    usage: 'users set-role NUMBER user|admin',
    about: 'administrators see the pages for operators',
    operations: [contract.adminChangeUser],
    async run(deps, [text = '', role = '']) {
      if (role !== 'user' && role !== 'admin') throw new StartRefused('users set-role takes user or admin.');
      const { number } = await change(deps, text, { role });
      return [`${number} has the role ${role}.`];
    },
  },
  'users block': {
    usage: 'users block NUMBER',
    about: 'end all sessions of an account, and refuse sign-in to it',
    operations: [contract.adminChangeUser],
    async run(deps, [text = '']) {
      const { number } = await change(deps, text, { blocked: true });
      return [`${number} is blocked.`];
    },
  },
  'users unblock': {
    usage: 'users unblock NUMBER',
    about: 'allow an account to sign in again',
    operations: [contract.adminChangeUser],
    async run(deps, [text = '']) {
      const { number } = await change(deps, text, { blocked: false });
      return [`${number} is not blocked.`];
    },
  },
  'users sign-out': {
    usage: 'users sign-out NUMBER',
    about: 'end all sessions of an account',
    operations: [contract.adminEndSessions],
    async run(deps, [text = '']) {
      const { number, userId } = await find(deps, text);
      return [`${number}: ${await endSessions({ ...deps, endSession }, commandLine, userId)} session(s) ended.`];
    },
  },
  'users delete': {
    usage: 'users delete NUMBER --yes',
    about: 'delete an account with everything that belongs to it; it cannot be undone',
    operations: [contract.adminDeleteUser],
    async run(deps, [text = ''], { yes }) {
      const { number, userId } = await find(deps, text);
      if (!yes) throw new StartRefused(`Add --yes to delete ${number}: it cannot be undone.`);
      await refusing(() => deleteUser({ ...deps, endSession }, commandLine, userId));
      return [`${number} is deleted. The server erases what is left of it within an hour.`];
    },
  },
};

interface Found {
  readonly number: string;
  readonly userId: number;
}

async function change(deps: AdminDeps, text: string, wanted: UserChange): Promise<Found> {
  const found = await find(deps, text);
  await refusing(() => changeUser({ ...deps, endSession }, commandLine, found.userId, wanted));
  return found;
}

/** Problems are refusals of a command. */
async function refusing(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ProblemError) throw new StartRefused(error.message);
    throw error;
  }
}

async function find({ db }: AdminDeps, text: string): Promise<Found> {
  const number = readNumber(text);
  const userId = await findByNumber(db, number);
  if (userId === null) throw new StartRefused(`Nobody is registered with ${number}.`);
  return { number, userId };
}

function readNumber(text: string): string {
  try {
    return normaliseNumber(text, false);
  } catch (error) {
    if (error instanceof ProblemError) throw new StartRefused(`"${text}" is not a phone number in international form.`);
    throw error;
  }
}
