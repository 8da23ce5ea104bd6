/** What a field for several values takes. */
export type MultiSelectProps = {
  readonly label: string;
  readonly description?: string;
  readonly data: readonly string[];
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
  readonly error?: string | undefined;
};
