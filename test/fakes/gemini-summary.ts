/** Recognizes the product's requests for a summary. */
export function isSummaryRequest({ system }: { readonly system: string | null }): boolean {
  return system?.startsWith('You keep the running summary ') ?? false;
}
