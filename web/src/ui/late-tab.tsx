import type { ComponentType } from "react";
import { createLatePart } from "../lib/late-part.ts";
import { PanelSkeleton } from "./skeletons.tsx";

/** A tab that is fetched when it is first shown, with the shape of what comes meanwhile. */
export function lateTab<Props extends object>(label: string, load: () => Promise<ComponentType<Props>>) {
  const { usePart } = createLatePart(load);
  // Each tab is made once, beside the imports of the module that shows it.
  // biome-ignore lint/correctness/noComponentHookFactories: see above
  return function LateTab(props: Props) {
    const Tab = usePart(true);
    return Tab === null ? <PanelSkeleton label={label} lines={8} /> : <Tab {...props} />;
  };
}
