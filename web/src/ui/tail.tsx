import { Button } from "@mantine/core";
import { Pause, Play } from "lucide-react";
import { type FocusEvent, type ReactNode, useEffect, useState } from "react";
import { reconnectNow } from "../lib/live.ts";
import { useShortcut } from "../lib/shortcuts.ts";
import type { Tail } from "../lib/tail.ts";
import styles from "./tail.module.css";

type TailProps = { readonly tail: Pick<Tail<unknown>, "stream" | "isPaused" | "setPaused" | "hold"> };

const STREAM_WORDS = { live: "Following", connecting: "Connecting", waiting: "Reconnecting" } as const;

/** Whether a list follows what happens, and the button that pauses it. */
export function TailButton({ tail, noun }: TailProps & { readonly noun: string }) {
  const { stream, isPaused, setPaused } = tail;
  useShortcut("p", "This page", isPaused ? `Follow new ${noun}` : `Pause new ${noun}`, () => setPaused(!isPaused));
  const Icon = isPaused ? Play : Pause;
  return (
    <>
      <span className={styles.state} data-state={isPaused ? "paused" : stream} role="status">
        {!isPaused && stream === "waiting" ? (
          <button type="button" className="ow-plain" title="Try now" onClick={reconnectNow}>
            Reconnecting
          </button>
        ) : (
          <span>{isPaused ? "Paused" : STREAM_WORDS[stream]}</span>
        )}
      </span>
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon size={14} aria-hidden="true" />}
        onClick={() => setPaused(!isPaused)}
      >
        {isPaused ? "Follow" : "Pause"}
      </Button>
    </>
  );
}

/**
 * Holds the rows of a tail where they are while somebody is at them: with the pointer, with the keyboard, or further down
 * the page.
 */
export function TailHold({ tail, children }: TailProps & { readonly children: ReactNode }) {
  const { hold } = tail;
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [isScrolled, setScrolled] = useState(window.scrollY > 0);
  useEffect(() => {
    const onScroll = (): void => setScrolled(window.scrollY > 0);
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => window.removeEventListener("scroll", onScroll);
  }, []);
  const isHeld = isPointed || isFocused || isScrolled;
  useEffect(() => {
    hold(isHeld);
    return () => hold(false);
  }, [isHeld, hold]);
  // A click leaves a focus behind that nobody is at.
  const onFocus = ({ target }: FocusEvent): void => setFocused(target.matches(":focus-visible"));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches; what acts is inside of it
    <div
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocus={onFocus}
      onBlur={() => setFocused(false)}
    >
      {children}
    </div>
  );
}
