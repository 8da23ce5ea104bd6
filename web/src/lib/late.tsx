import { type ComponentType, useLayoutEffect, useState } from "react";
import { createLatePart } from "./late-part.ts";

/**
 * A part of a page that is fetched when it first opens and stays from then on, so that what few people open costs the
 * first load nothing. Props must tell whether it is open.
 */
export function late<Props extends { readonly isOpen: boolean }>(load: () => Promise<ComponentType<Props>>) {
  const { usePart } = createLatePart(load);
  // Each part is made once, beside the imports of the module that shows it.
  // biome-ignore lint/correctness/noComponentHookFactories: see above
  return function Late(props: Props) {
    const [hasOpened, setOpened] = useState(props.isOpen);
    if (props.isOpen && !hasOpened) setOpened(true);
    const Part = usePart(hasOpened);
    // A dialog remembers what had the focus when it opens, so it has to be there, closed, before.
    const [isThere, setThere] = useState(false);
    useLayoutEffect(() => setThere(Part !== null), [Part]);
    return Part === null ? null : <Part {...props} isOpen={props.isOpen && isThere} />;
  };
}
