import { Drawer } from "@mantine/core";
import { Sidebar } from "./sidebar.tsx";

/** The navigation over the page, on small screens. */
export function MobileNavigation({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Drawer.Root opened={isOpen} onClose={onClose} size={260} padding={0}>
      <Drawer.Overlay />
      <Drawer.Content aria-label="Navigation">
        <Sidebar onNavigate={onClose} />
      </Drawer.Content>
    </Drawer.Root>
  );
}
