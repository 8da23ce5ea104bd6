import { useBlocker } from "@tanstack/react-router";
import { ConfirmDialog } from "./confirm-dialog.tsx";

type UnsavedGuardProps = {
  /** True while something was changed and not saved. */
  readonly isChanged: boolean;
  /** True where other tabs of the same page keep what was changed. */
  readonly isKeptAcrossTabs?: boolean;
};

/** Asks before changes that are not saved are left: within the console by a dialog, otherwise by the browser's own. */
export function UnsavedGuard({ isChanged, isKeptAcrossTabs = false }: UnsavedGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => !isKeptAcrossTabs || current.pathname !== next.pathname,
    enableBeforeUnload: isChanged,
    disabled: !isChanged,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      isOpen={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      action="Leave and lose the changes"
      cancel="Stay here"
      onConfirm={async () => blocker.proceed?.()}
    >
      What was changed here is not saved yet. Stay to save it.
    </ConfirmDialog>
  );
}
