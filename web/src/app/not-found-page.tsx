import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { usePageTitle } from "../lib/page-title.ts";
import { sessionQuery } from "../lib/session.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Shell } from "./shell.tsx";

/** Where there is no page: within the frame for whoever is signed in, by itself for anybody else. */
export function NotFoundPage() {
  const session = useQuery(sessionQuery);
  if (session.isPending) return null;
  if (session.data == null) {
    return (
      <main>
        <NotFound />
      </main>
    );
  }
  return (
    <Shell>
      <NotFound />
    </Shell>
  );
}

function NotFound() {
  usePageTitle("Not found");
  return (
    <>
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
    </>
  );
}
