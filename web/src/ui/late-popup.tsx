import { type ComponentType, cloneElement, type HTMLAttributes, type ReactElement, useRef, useState } from "react";
import { createLatePart } from "../lib/late-part.ts";
import { Once } from "./once.tsx";

/** A button that opens a popup. */
export type PopupTarget = ReactElement<HTMLAttributes<HTMLElement>>;

/** What a popup that is fetched late is given: its button, and whether it is open. */
export type PopupProps = {
  readonly target: PopupTarget;
  readonly isOpen: boolean;
  readonly onChange: (isOpen: boolean) => void;
};

/**
 * A menu or popover of which the first load brings the button alone: the rest, with all that places it on the page, is
 * fetched when somebody points at the button or comes to it by the keyboard.
 */
export function latePopup<Props extends object>(
  role: "menu" | "dialog",
  load: () => Promise<ComponentType<Props & PopupProps>>,
) {
  const { fetchEarly, usePart } = createLatePart(load);
  // Each popup is made once, beside the imports of the module that shows it.
  // biome-ignore lint/correctness/noComponentHookFactories: see above
  return function LatePopup({ target, ...rest }: Props & { readonly target: PopupTarget }) {
    const [isWanted, setWanted] = useState(false);
    const [isOpen, setOpen] = useState(false);
    const Part = usePart(isWanted);
    const place = useRef<HTMLSpanElement>(null);
    const openFirst = (): void => {
      // The button was replaced; who was on it still is, and comes back to it when the popup closes.
      place.current?.querySelector("button")?.focus();
      setOpen(true);
    };
    const button = cloneElement(target, {
      "aria-haspopup": role,
      "aria-expanded": false,
      onClick: () => setWanted(true),
      onPointerEnter: fetchEarly,
      onFocus: fetchEarly,
    });
    const props = { ...rest, target, isOpen, onChange: setOpen } as unknown as Props & PopupProps;
    return (
      <span ref={place} style={{ display: "contents" }}>
        {Part === null ? (
          button
        ) : (
          <>
            <Part {...props} />
            <Once run={openFirst} />
          </>
        )}
      </span>
    );
  };
}
