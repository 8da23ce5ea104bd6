import { type ComponentType, lazy, Suspense } from "react";
import { PanelSkeleton } from "./skeletons.tsx";

/** A tab that is fetched when it is first shown, with the shape of what comes meanwhile. */
export function lateTab<Props extends object>(label: string, load: () => Promise<ComponentType<Props>>) {
  const Tab = lazy(async (): Promise<{ readonly default: ComponentType<Props> }> => ({ default: await load() }));
  // Each tab is made once, beside the imports of the module that shows it.
  // biome-ignore lint/correctness/noComponentHookFactories: see above
  return function LateTab(props: Props) {
    return (
      <Suspense fallback={<PanelSkeleton label={label} lines={8} />}>
        <Tab {...props} />
      </Suspense>
    );
  };
}
