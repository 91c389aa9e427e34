/** Opens the find bar in place of the browser's own search. */
import { useEffect, useState } from 'react';

/** Whether the bar is open; Ctrl or ⌘ with F opens it. */
export function useFinding() {
  const finding = useState(false);
  const [, setFinding] = finding;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 'f' || event.shiftKey) return;
      event.preventDefault();
      setFinding(true);
    }
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [setFinding]);
  return finding;
}
