/** The features this server reports to clients. */
import type { Feature } from '../../contract/service.ts';
import type { Catalog } from '../config/catalog.ts';
import { hasWebClient } from '../http/web-client.ts';
import type { Payments } from '../ports/payments.ts';

export interface FeatureDeps {
  readonly config: { readonly catalog: Catalog };
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
}

/** Sorted. Includes what every server of this version supports, since clients may also meet older ones. */
export function featuresOf({ config, payments }: FeatureDeps): Feature[] {
  const optional: Readonly<Record<'billing' | 'demo_model' | 'web_client', boolean>> = {
    billing: payments !== null,
    demo_model: config.catalog.models.some(({ provider }) => provider === 'demo'),
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
