/** Rooms that are gone from view but not yet from the server, each with the timer that deletes it. */
export const waiting = new Map<number, ReturnType<typeof setTimeout>>();
