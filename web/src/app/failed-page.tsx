import { useRouter } from "@tanstack/react-router";
import { usePageTitle } from "../lib/page-title.ts";
import { ErrorPanel } from "../ui/error-panel.tsx";

type FailedProps = { readonly error: unknown; readonly reset: () => void };

/** A page that threw, inside the frame: what happened, that data is safe, and a way to try again. */
export function FailedContent({ error, reset }: FailedProps) {
  const router = useRouter();
  usePageTitle("Failed");
  const retry = (): void => {
    reset();
    void router.invalidate();
  };
  return (
    <>
      <h1 className="ow-hidden" tabIndex={-1}>
        This page failed
      </h1>
      <ErrorPanel error={error} onRetry={retry} />
    </>
  );
}

/** The same where the frame itself cannot be shown. */
export function FailedPage(props: FailedProps) {
  return (
    <main style={{ maxWidth: 720, margin: "0 auto", padding: 24 }}>
      <FailedContent {...props} />
    </main>
  );
}
