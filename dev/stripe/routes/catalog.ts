/** `/v1/products` and `/v1/prices`: create, retrieve, list, and a price's activity. */
import { makePrice, makeProduct, priceNamed } from '../model/catalog.ts';
import { invalid, noSuch } from '../wire/errors.ts';
import { inRange, listParams, matches, page } from '../wire/lists.ts';
import { flag, hash, integer, mergeMetadata, requiredText, text, word } from '../wire/params.ts';
import type { Route } from '../wire/route.ts';
import { change } from '../world.ts';

const intervals = ['day', 'week', 'month', 'year'] as const;

export const catalogRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/products',
    accepts: ['id', 'name', 'description', 'metadata', 'active'],
    run: ({ world, params }) => {
      const id = text(params, 'id') ?? world.newId('prod');
      if (world.tables.product.has(id)) throw invalid('Product already exists.', { code: 'resource_already_exists' });
      return makeProduct(world, {
        id,
        name: requiredText(params, 'name'),
        description: text(params, 'description') ?? null,
        metadata: mergeMetadata(params, {}),
        active: flag(params, 'active') ?? true,
      });
    },
  },
  {
    method: 'GET',
    path: '/v1/products',
    accepts: [...listParams, 'active', 'created'],
    run: ({ world, params }) => {
      const rows = [...world.tables.product.values()].filter(
        (product) => matches(params, 'active', String(product.active)) && inRange(params, 'created', product.created),
      );
      return page(rows, params, '/v1/products');
    },
  },
  {
    method: 'GET',
    path: '/v1/products/:id',
    accepts: [],
    run: ({ world, id }) => {
      const product = world.tables.product.get(id);
      if (!product) throw noSuch('product', id, 'id');
      return product;
    },
  },
  {
    method: 'POST',
    path: '/v1/prices',
    accepts: ['currency', 'product', 'unit_amount', 'recurring', 'metadata', 'nickname', 'lookup_key', 'active'],
    run: ({ world, params }) => {
      const product = requiredText(params, 'product');
      if (!world.tables.product.has(product)) throw noSuch('product', product, 'product');
      const recurring = hash(params, 'recurring');
      const interval = word(recurring, 'interval', intervals);
      return makePrice(world, {
        product,
        unit_amount: integer(params, 'unit_amount') ?? 0,
        currency: requiredText(params, 'currency'),
        nickname: text(params, 'nickname') ?? null,
        lookup_key: text(params, 'lookup_key') ?? null,
        metadata: mergeMetadata(params, {}),
        active: flag(params, 'active') ?? true,
        recurring: interval
          ? {
              interval,
              interval_count: integer(recurring, 'interval_count') ?? 1,
              meter: null,
              trial_period_days: null,
              usage_type: 'licensed',
            }
          : null,
      });
    },
  },
  {
    method: 'GET',
    path: '/v1/prices',
    accepts: [...listParams, 'active', 'product', 'created'],
    run: ({ world, params }) => {
      const rows = [...world.tables.price.values()].filter(
        (price) =>
          matches(params, 'product', price.product) &&
          matches(params, 'active', String(price.active)) &&
          inRange(params, 'created', price.created),
      );
      return page(rows, params, '/v1/prices');
    },
  },
  {
    method: 'GET',
    path: '/v1/prices/:id',
    accepts: [],
    run: ({ world, id }) => priceNamed(world, id, 'id'),
  },
  {
    method: 'POST',
    path: '/v1/prices/:id',
    accepts: ['active', 'nickname', 'metadata'],
    run: ({ world, params, id }) => {
      const price = priceNamed(world, id, 'id');
      const patch = {
        active: flag(params, 'active') ?? price.active,
        nickname: text(params, 'nickname') ?? price.nickname,
        metadata: mergeMetadata(params, price.metadata),
      };
      change(world, price, patch, 'price.updated');
      return price;
    },
  },
];
