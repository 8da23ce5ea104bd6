import { Button, CloseButton, TextInput } from "@mantine/core";
import { ChevronDown, Search } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import { useShortcut } from "../lib/shortcuts.ts";
import styles from "./filter-bar.module.css";
import { latePopup } from "./late-popup.tsx";

const FilterPopup = latePopup("dialog", () => import("./filter-popup.tsx").then((module) => module.FilterPopup));
const TYPING_PAUSE_MS = 250;

/** A filter that is set, to take away. */
export type FilterChip = { readonly label: string; readonly onRemove: () => void };

type FilterBarProps = {
  /** What the box searches, said in the box: "Search titles and labels". */
  readonly placeholder?: string;
  readonly text?: string | undefined;
  readonly onText?: (text: string | undefined) => void;
  /** Menus and switches. */
  readonly children?: ReactNode;
  /** Set filters that have no menu of their own; each can be taken away. */
  readonly chips?: readonly FilterChip[];
  readonly onClear?: (() => void) | undefined;
  readonly end?: ReactNode;
};

/** The filters of a list. The page keeps them in the URL; `/` goes to the search box. */
export function FilterBar({ placeholder, text, onText, children, chips = [], onClear, end }: FilterBarProps) {
  return (
    <search className={styles.bar}>
      {onText === undefined ? null : (
        <SearchBox text={text ?? ""} onText={onText} placeholder={placeholder ?? "Search"} />
      )}
      {children}
      {chips.map(({ label, onRemove }) => (
        <span key={label} className={styles.chip}>
          {label}
          <CloseButton size="xs" aria-label={`Remove the filter ${label}`} onClick={onRemove} />
        </span>
      ))}
      {onClear === undefined ? null : (
        <Button variant="subtle" size="xs" onClick={onClear}>
          Clear
        </Button>
      )}
      {end === undefined ? null : <div className={styles.end}>{end}</div>}
    </search>
  );
}

/** A chip for each label that a list is narrowed to. */
export function labelChips(
  labels: readonly string[] | undefined,
  onChange: (changes: { readonly label: readonly string[] | undefined }) => void,
): readonly FilterChip[] {
  return (labels ?? []).map((label) => ({
    label,
    onRemove: () => {
      const others = labels?.filter((other) => other !== label) ?? [];
      onChange({ label: others.length === 0 ? undefined : others });
    },
  }));
}

type Times = { readonly since?: string | undefined; readonly until?: string | undefined };

/** Chips for the span of time that a list is narrowed to. */
export function timeChips({ since, until }: Times, onChange: (changes: Times) => void): readonly FilterChip[] {
  return [
    ...(since === undefined ? [] : [{ label: `Since ${since}`, onRemove: () => onChange({ since: undefined }) }]),
    ...(until === undefined ? [] : [{ label: `Until ${until}`, onRemove: () => onChange({ until: undefined }) }]),
  ];
}

type SearchBoxProps = {
  readonly text: string;
  readonly onText: (text: string | undefined) => void;
  readonly placeholder: string;
};

function SearchBox({ text, onText, placeholder }: SearchBoxProps) {
  const [typed, setTyped] = useState(text);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(text);
  const send = useEffectEvent((value: string) => {
    sent.current = value;
    onText(value === "" ? undefined : value);
  });
  // Back and forward change the URL without anybody typing.
  if (text !== sent.current) {
    sent.current = text;
    setTyped(text);
  }
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => send(typed), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useShortcut("/", "Lists", "Search this list", () => input.current?.focus());
  return (
    <TextInput
      ref={input}
      type="search"
      size="xs"
      className={styles.search}
      aria-label={placeholder}
      placeholder={placeholder}
      leftSection={<Search size={14} aria-hidden="true" />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}

type FilterMenuProps<Value extends string> = {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: ReactNode }[];
  readonly chosen: readonly Value[];
  readonly onChange: (chosen: readonly Value[] | undefined) => void;
};

/** A menu of values to tick; none ticked is no filter. */
export function FilterMenu<Value extends string>({ label, options, chosen, onChange }: FilterMenuProps<Value>) {
  const toggle = (value: Value): void => {
    const next = chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value];
    onChange(next.length === 0 ? undefined : next);
  };
  return (
    <FilterPopup
      label={label}
      options={options}
      chosen={chosen}
      onToggle={(value) => {
        const option = options.find((one) => one.value === value);
        if (option !== undefined) toggle(option.value);
      }}
      target={
        <Button
          variant={chosen.length > 0 ? "light" : "default"}
          size="xs"
          rightSection={<ChevronDown size={14} aria-hidden="true" />}
        >
          {label}
          {chosen.length > 0 ? ` · ${chosen.length}` : ""}
        </Button>
      }
    />
  );
}
