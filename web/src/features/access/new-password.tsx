import { PasswordInput } from "@mantine/core";

type NewPasswordProps = {
  readonly password: string;
  readonly onPassword: (password: string) => void;
  readonly problem: string | undefined;
  readonly isFirst?: boolean;
};

/** A password to be, with the rule that it has to keep. */
export function NewPassword({ password, onPassword, problem, isFirst = false }: NewPasswordProps) {
  return (
    <PasswordInput
      label="Password"
      description="At least 12 characters. A few unrelated words are better than many signs."
      required
      minLength={12}
      autoComplete="new-password"
      autoFocus={isFirst}
      value={password}
      onChange={(event) => onPassword(event.currentTarget.value)}
      error={problem}
      aria-invalid={problem !== undefined}
      visibilityToggleButtonProps={{ tabIndex: 0, "aria-label": "Show the password" }}
    />
  );
}
