/** The features this server reports to clients. */
import type { Feature } from '../../contract/service.ts';
import type { Catalog } from '../config/catalog.ts';
import { hasWebClient } from '../http/web-client.ts';
import type { Payments } from '../ports/payments.ts';
import type { Push } from '../ports/push.ts';

export interface FeatureDeps {
  readonly catalog: Pick<Catalog, 'models'>;
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
  /** Null while push messages are off. */
  readonly push: Push | null;
}

/** Sorted. Includes what every server of this version supports, since clients may also meet older ones. */
export function featuresOf({ catalog, payments, push }: FeatureDeps): Feature[] {
  const optional: Readonly<Record<'billing' | 'demo_model' | 'push' | 'web_client', boolean>> = {
    billing: payments !== null,
    demo_model: catalog.models.some(({ provider }) => provider === 'demo'),
    push: push !== null,
    web_client: hasWebClient,
  };
  const present = Object.entries(optional).filter(([, isThere]) => isThere);
  const words = [
    'conditional_requests',
    'cookie_sessions',
    'languages',
    'live_events',
    'live_socket',
    'models',
    ...present.map(([word]) => word),
  ] as Feature[];
  return words.toSorted();
}
