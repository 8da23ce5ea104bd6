import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { usePageTitle } from "../lib/page-title.ts";
import { EmptyState } from "../ui/empty-state.tsx";

/** Where there is no page, or what the page was about is gone. */
export function NotFoundPage() {
  usePageTitle("Not found");
  return (
    <main>
      <h1 className="ow-hidden" tabIndex={-1}>
        Not found
      </h1>
      <EmptyState
        icon={Compass}
        title="There is no such page"
        action={
          <>
            <Button component={Link} to="/">
              Go home
            </Button>
            <Button component={Link} to="/incidents" variant="default">
              Incidents
            </Button>
          </>
        }
      >
        The address may be mistyped, or what it led to was deleted. Press Ctrl+K (⌘ K) to search for it.
      </EmptyState>
    </main>
  );
}
