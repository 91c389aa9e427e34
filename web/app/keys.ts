/** Keys of the query cache. */
export const keys = {
  me: ['me'],
  rooms: ['rooms'],
  pinned: ['rooms', 'pinned'],
  archived: ['rooms', 'archived'],
  room: (id: number) => ['room', id],
  messages: (roomId: number) => ['room', roomId, 'messages'],
  context: (roomId: number) => ['room', roomId, 'context'],
  shares: (roomId: number) => ['room', roomId, 'shares'],
  search: (words: string) => ['search', words],
  subscription: ['subscription'],
  plans: ['plans'],
  models: ['models'],
  service: ['service'],
  sessions: ['sessions'],
  settings: ['settings'],
  memories: ['memories'],
} as const;
