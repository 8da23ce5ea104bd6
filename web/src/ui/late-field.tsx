import { type ComponentType, type InputHTMLAttributes, useRef, useState } from "react";
import { createLatePart } from "../lib/late-part.ts";
import { Once } from "./once.tsx";

/** What the input of a closed field hears, so that the whole field comes when somebody wants it. */
export type ClosedHandlers = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  "onPointerEnter" | "onPointerDown" | "onBlur" | "onClick" | "onFocus"
>;

/**
 * A field with a list, of which the first load brings the closed box alone: the list, with all that places and searches
 * it, is fetched when somebody points at the box, presses it or comes to it by the keyboard.
 */
export function lateField<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Closed: ComponentType<Props & { readonly handlers: ClosedHandlers }>,
) {
  const { fetchEarly, usePart } = createLatePart(load);
  return function LateField(props: Props) {
    const [isWanted, setWanted] = useState(false);
    const Part = usePart(isWanted);
    const isPressed = useRef(false);
    const place = useRef<HTMLSpanElement>(null);
    const openFirst = (): void => {
      // The box was replaced; who was on it still is.
      const input = place.current?.querySelector("input");
      input?.focus();
      if (isPressed.current) input?.click();
    };
    const handlers: ClosedHandlers = {
      onPointerEnter: fetchEarly,
      onPointerDown: () => {
        isPressed.current = true;
      },
      onBlur: () => {
        isPressed.current = false;
      },
      onClick: () => setWanted(true),
      onFocus: () => {
        fetchEarly();
        // Replacing the box before the button is up again would lose the press.
        if (!isPressed.current) setWanted(true);
      },
    };
    const closed = <Closed {...props} handlers={handlers} />;
    return (
      <span ref={place} style={{ display: "contents" }}>
        {Part === null ? (
          closed
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
