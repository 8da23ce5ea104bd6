import { Pill, PillsInput } from "@mantine/core";
import { ChevronsUpDown } from "lucide-react";
import { type ClosedHandlers, lateField } from "./late-field.tsx";
import type { MultiSelectProps } from "./multi-select-props.ts";

/** A field to choose several values in. */
export const MultiSelect = lateField<MultiSelectProps>(
  () => import("./multi-select-box.tsx").then((module) => module.MultiSelectBox),
  ClosedBox,
);

function ClosedBox(props: MultiSelectProps & { readonly handlers: ClosedHandlers }) {
  const { label, description, error, value, onChange, handlers } = props;
  return (
    <PillsInput
      label={label}
      description={description}
      error={error}
      rightSectionPointerEvents="none"
      rightSection={<ChevronsUpDown size={18} color="var(--mantine-color-dimmed)" aria-hidden="true" />}
    >
      <Pill.Group>
        {value.map((one) => (
          <Pill key={one} withRemoveButton onRemove={() => onChange(value.filter((other) => other !== one))}>
            {one}
          </Pill>
        ))}
        <PillsInput.Field
          role="combobox"
          aria-haspopup="listbox"
          aria-expanded={false}
          aria-label={label}
          readOnly
          {...handlers}
        />
      </Pill.Group>
    </PillsInput>
  );
}
