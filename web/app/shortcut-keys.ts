/** How keyboards of this system name the key that shortcuts are held with. */

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
export const modifierKey = isMac ? '⌘' : 'Ctrl';
