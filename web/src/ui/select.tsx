import { CloseButton, TextInput } from "@mantine/core";
import { ChevronsUpDown } from "lucide-react";
import { type ClosedHandlers, lateField } from "./late-field.tsx";
import type { SelectFieldProps, SelectOption } from "./select-props.ts";

/** A field to choose one value in. */
export const Select = lateField<SelectFieldProps>(
  () => import("./select-box.tsx").then((module) => module.SelectBox),
  ClosedBox,
);

function ClosedBox(props: SelectFieldProps & { readonly handlers: ClosedHandlers }) {
  const { label, description, error, placeholder, size = "sm", w, disabled = false, required = false } = props;
  const { data, value, onChange, handlers } = props;
  const shared = { label, description, error, placeholder, size, w, disabled, required };
  const isClearable = props.clearable === true && value !== null && !disabled;
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
      {...handlers}
      rightSectionPointerEvents={isClearable ? "all" : "none"}
      rightSection={
        isClearable ? (
          <CloseButton
            size="xs"
            tabIndex={-1}
            aria-label={props.clearButtonProps?.["aria-label"] ?? placeholder ?? "Clear"}
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
