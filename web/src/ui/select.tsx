import { CloseButton, TextInput } from "@mantine/core";
import { ChevronsUpDown } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { Once } from "./once.tsx";
import type { SelectFieldProps, SelectOption } from "./select-props.ts";

const load = async () => ({ default: (await import("./select-box.tsx")).SelectBox });
const SelectBox = lazy(load);
// Fetching early is a favour: when it fails, the press tries again and tells.
const fetchEarly = (): void => void load().catch(() => undefined);

/**
 * A field to choose one value in, of which the first load brings the box alone: the list, with all that places and
 * searches it, is fetched when somebody points at the box, presses it or comes to it by the keyboard.
 */
export function Select(props: SelectFieldProps) {
  const [isWanted, setWanted] = useState(false);
  const isPressed = useRef(false);
  const place = useRef<HTMLSpanElement>(null);
  const open = (): void => {
    // The box was replaced; who was on it still is.
    const input = place.current?.querySelector("input");
    input?.focus();
    if (isPressed.current) input?.click();
  };
  const box = (
    <ClosedBox
      {...props}
      onPress={(isIt) => {
        isPressed.current = isIt;
      }}
      onRelease={() => setWanted(true)}
      onKeyboard={() => {
        if (!isPressed.current) setWanted(true);
      }}
    />
  );
  return (
    <span ref={place} style={{ display: "contents" }}>
      {isWanted ? (
        <Suspense fallback={box}>
          <SelectBox {...props} />
          <Once run={open} />
        </Suspense>
      ) : (
        box
      )}
    </span>
  );
}

type ClosedBoxProps = SelectFieldProps & {
  readonly onPress: (isPressed: boolean) => void;
  readonly onRelease: () => void;
  readonly onKeyboard: () => void;
};

function ClosedBox({ data, value, onChange, clearable, onPress, onRelease, onKeyboard, ...props }: ClosedBoxProps) {
  const { label, description, error, placeholder, size = "sm", w, disabled = false, required = false } = props;
  const shared = { label, description, error, placeholder, size, w, disabled, required };
  const isClearable = clearable === true && value !== null && !disabled;
  return (
    <TextInput
      {...shared}
      aria-label={props["aria-label"]}
      role="combobox"
      aria-haspopup="listbox"
      aria-expanded={false}
      readOnly
      pointer={props.searchable !== true}
      value={labelOf(data, value)}
      onPointerEnter={fetchEarly}
      onPointerDown={() => onPress(true)}
      onBlur={() => onPress(false)}
      onClick={onRelease}
      onFocus={() => {
        fetchEarly();
        onKeyboard();
      }}
      rightSectionPointerEvents={isClearable ? "all" : "none"}
      rightSection={
        isClearable ? (
          <CloseButton
            size="xs"
            tabIndex={-1}
            aria-label={props.clearButtonProps?.["aria-label"] ?? "Clear"}
            onClick={() => onChange(null)}
          />
        ) : (
          <ChevronsUpDown size={size === "xs" ? 14 : 18} color="var(--mantine-color-dimmed)" aria-hidden="true" />
        )
      }
    />
  );
}

function labelOf(data: readonly SelectOption[], value: string | null): string {
  for (const option of data) {
    if (typeof option === "string" ? option === value : option.value === value) {
      return typeof option === "string" ? option : option.label;
    }
  }
  return "";
}
