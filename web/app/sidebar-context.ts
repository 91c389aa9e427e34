/** Lets the page header open the sidebar, which is a drawer on phones. */
import { createContext } from 'react';

export const SidebarContext = createContext<{ readonly drawerOpen: boolean; readonly openDrawer: () => void }>({
  drawerOpen: false,
  openDrawer: () => {},
});
