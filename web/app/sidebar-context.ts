/** Lets a page's header open the drawer that the sidebar is on a phone. */
import { createContext } from 'react';

export const SidebarContext = createContext<{ readonly drawerOpen: boolean; readonly openDrawer: () => void }>({
  drawerOpen: false,
  openDrawer: () => {},
});
