/** Name of the modifier key on this system. */

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
export const modifierKey = isMac ? '⌘' : 'Ctrl';
