import { type ComponentType, type InputHTMLAttributes, lazy, Suspense, useRef, useState } from "react";
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
  const fetchPart = async (): Promise<{ readonly default: ComponentType<Props> }> => ({ default: await load() });
  const Part = lazy(fetchPart);
  // Fetching early is a favour: when it fails, the press tries again and tells.
  const fetchEarly = (): void => void fetchPart().catch(() => undefined);
  return function LateField(props: Props) {
    const [isWanted, setWanted] = useState(false);
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
        {isWanted ? (
          <Suspense fallback={closed}>
            <Part {...props} />
            <Once run={openFirst} />
          </Suspense>
        ) : (
          closed
        )}
      </span>
    );
  };
}
