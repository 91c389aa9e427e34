/** The room that is on the screen of this tab. */
let watched: number | null = null;

/** Until the returned function is called. */
export function watchRoom(roomId: number): () => void {
  watched = roomId;
  return () => {
    if (watched === roomId) watched = null;
  };
}

export function isWatched(roomId: number): boolean {
  return watched === roomId;
}
