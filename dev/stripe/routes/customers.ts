/** `/v1/customers`: create, retrieve, list, search by metadata, update, delete. */
import { deleteCustomer } from '../model/deletion.ts';
import { isDeleted, liveCustomer, makeCustomer } from '../model/customers.ts';
import type { CustomerRecord } from '../records.ts';
import { invalid, noSuch } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { integer, list, mergeMetadata, requiredText, text, type Params } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import { change, type World } from '../world.ts';

const writable = ['email', 'name', 'phone', 'description', 'metadata', 'preferred_locales'] as const;

function living(world: World): CustomerRecord[] {
  return [...world.tables.customer.values()].flatMap((customer) => (isDeleted(customer) ? [] : [customer]));
}

/** The fields a request sets; an empty text clears one. */
function fieldsOf(params: Params, current: Record<string, string>): Partial<CustomerRecord> {
  const fields: Partial<CustomerRecord> = {};
  for (const name of ['email', 'name', 'phone', 'description'] as const) {
    if (name in params) fields[name] = text(params, name) ?? null;
  }
  if ('metadata' in params) fields.metadata = mergeMetadata(params, current);
  if ('preferred_locales' in params) fields.preferred_locales = list(params, 'preferred_locales').map(String);
  return fields;
}

/** The one form of search a product needs: `metadata['key']:'value'` or `email:'value'`, joined by AND. */
function searchTest(query: string): (customer: CustomerRecord) => boolean {
  const tests = query.split(/\s+AND\s+/i).map((clause) => {
    const found = /^(?:metadata\[["'](?<key>[^"']+)["']\]|(?<field>email|name)):["'](?<value>[^"']*)["']$/.exec(
      clause.trim(),
    )?.groups;
    if (!found) throw invalid(`We were unable to parse your search query: ${query}`, { param: 'query' });
    const { key, field, value } = found;
    return (customer: CustomerRecord) =>
      (key === undefined ? customer[field as 'email' | 'name'] : customer.metadata[key]) === value;
  });
  return (customer) => tests.every((test) => test(customer));
}

export const customerRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/customers',
    accepts: writable,
    run: ({ world, params }) => makeCustomer(world, fieldsOf(params, {})),
  },
  {
    method: 'GET',
    path: '/v1/customers',
    accepts: [...listParams, 'email', 'created'],
    run: ({ world, params }) => {
      const rows = living(world).filter(
        (customer) => matches(params, 'email', customer.email) && inRange(params, 'created', customer.created),
      );
      return page(rows, params, '/v1/customers');
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/search',
    accepts: ['query', 'limit', 'page'],
    run: ({ world, params }) => {
      const found = living(world).filter(searchTest(requiredText(params, 'query')));
      const data = found.toReversed().slice(0, integer(params, 'limit') ?? 10);
      const has_more = found.length > data.length;
      return { object: 'search_result', data, has_more, next_page: null, url: '/v1/customers/search' };
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id',
    accepts: [],
    run: ({ world, id }) => {
      const customer = world.tables.customer.get(id);
      if (!customer) throw noSuch('customer', id, 'id');
      return customer;
    },
  },
  {
    method: 'POST',
    path: '/v1/customers/:id',
    accepts: writable,
    run: ({ world, params, id }) => {
      const customer = liveCustomer(world, id, 'id');
      change(world, customer, fieldsOf(params, customer.metadata), 'customer.updated');
      return customer;
    },
  },
  {
    method: 'DELETE',
    path: '/v1/customers/:id',
    accepts: [],
    run: ({ world, id }) => deleteCustomer(world, id),
  },
];
