/** Lists as the API answers them: newest first, `limit`, `starting_after`, `ending_before`, `created` ranges. */
import { invalid, noSuch } from './errors.ts';
import { hash, integer, text, type Params } from './params.ts';
import type { List } from '../records.ts';

/** The parameters every list takes. */
export const listParams = ['limit', 'starting_after', 'ending_before', 'expand'] as const;

/** Pages over rows given oldest first. */
export function page<T extends { id: string }>(rows: Iterable<T>, params: Params, url: string): List<T> {
  const limit = integer(params, 'limit') ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalid('This value must be between 1 and 100.', { code: 'parameter_invalid_integer', param: 'limit' });
  }
  const newestFirst = [...rows].toReversed();
  const before = text(params, 'ending_before');
  if (before !== undefined) {
    const end = indexOf(newestFirst, before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: newestFirst.slice(start, end), has_more: start > 0, url };
  }
  const after = text(params, 'starting_after');
  const start = after === undefined ? 0 : indexOf(newestFirst, after, 'starting_after') + 1;
  const data = newestFirst.slice(start, start + limit);
  return { object: 'list', data, has_more: start + data.length < newestFirst.length, url };
}

/** A list held inside an object, never longer than one page. */
export function sublist<T>(data: T[], url: string): List<T> {
  return { object: 'list', data, has_more: false, url };
}

function indexOf(rows: ReadonlyArray<{ id: string }>, id: string, param: string): number {
  const index = rows.findIndex((row) => row.id === id);
  if (index < 0) throw noSuch('object', id, param);
  return index;
}

/** Whether a time fits a `created`-like parameter: an exact second, or a hash of gt, gte, lt, lte. */
export function inRange(params: Params, name: string, value: number): boolean {
  if (typeof params[name] === 'string') return integer(params, name) === value;
  const range = hash(params, name);
  const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((bound) => integer(range, bound));
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

/** Whether a row's field equals the parameter of that name; true when the parameter was not sent. */
export function matches(params: Params, name: string, value: string | null | undefined): boolean {
  const wanted = text(params, name);
  return wanted === undefined || wanted === value;
}
