import { type ComponentType, useEffect, useState } from "react";

/** A part of the console that is fetched when it is wanted. */
export type LatePart<Props> = {
  /** Fetches it before it is wanted, as a favour: when that fails, whoever wants it tries again and tells. */
  readonly fetchEarly: () => void;
  /** The part once it is wanted and there, null until then. */
  readonly usePart: (isWanted: boolean) => ComponentType<Props> | null;
};

/**
 * Fetches a part late. Not by Suspense: that holds back what follows a fallback for a third of a second, so that a menu
 * which is there already would open late.
 */
export function createLatePart<Props>(load: () => Promise<ComponentType<Props>>): LatePart<Props> {
  let known: ComponentType<Props> | null = null;
  const fetchPart = async (): Promise<void> => {
    known ??= await load();
  };
  return {
    fetchEarly: () => void fetchPart().catch(() => undefined),
    usePart(isWanted) {
      useFetching(fetchPart, isWanted && known === null);
      return isWanted ? known : null;
    },
  };
}

/** Fetches while something is missing, and draws again when it is there; throws what fetching threw. */
function useFetching(fetchPart: () => Promise<void>, isMissing: boolean): void {
  const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null);
  const [, setFetched] = useState(false);
  useEffect(() => {
    if (!isMissing) return;
    fetchPart().then(
      () => setFetched(true),
      (error: unknown) => setFailure({ error }),
    );
  }, [isMissing, fetchPart]);
  if (failure !== null) throw failure.error;
}
