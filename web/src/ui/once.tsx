import { useEffect, useEffectEvent } from "react";

/** Runs something when it comes to be on the page, such as together with a part that was fetched late. */
export function Once({ run }: { readonly run: () => void }) {
  const start = useEffectEvent(run);
  useEffect(() => start(), []);
  return null;
}
