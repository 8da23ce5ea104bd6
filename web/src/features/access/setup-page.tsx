import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { change, get } from "../../lib/api.ts";
import { signIn } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./access.module.css";
import { AccessCard } from "./access-card.tsx";

const route = getRouteApi("/setup");

/** The first administrator, made with the one-time token that the first start printed. */
export function SetupPage() {
  const setup = useQuery({
    queryKey: ["setup"],
    queryFn: () => get<{ readonly needed: boolean }>("/setup"),
    gcTime: 0,
  });
  if (setup.error !== null) {
    return (
      <AccessCard title="Set up Overwatch">
        <ErrorPanel error={setup.error} onRetry={() => void setup.refetch()} />
      </AccessCard>
    );
  }
  if (setup.data === undefined) {
    return (
      <AccessCard title="Set up Overwatch">
        <PanelSkeleton label="whether this Overwatch is set up" />
      </AccessCard>
    );
  }
  return setup.data.needed ? (
    <SetupForm />
  ) : (
    <AccessCard title="Already set up" description="This Overwatch has its administrator; the set-up link works once.">
      <Button component={Link} to="/sign-in" fullWidth>
        Sign in
      </Button>
    </AccessCard>
  );
}

function SetupForm() {
  const { token: given } = route.useSearch();
  const router = useRouter();
  const [token, setToken] = useState(given ?? "");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = async (): Promise<void> => {
    await change("POST", "/setup", { token: token.trim(), name: name.trim(), email: email.trim(), password });
    await signIn(email.trim(), password);
  };
  const submission = useSubmission(send, ["token", "name", "email", "password"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) await router.navigate({ to: "/" });
  };
  return (
    <AccessCard title="Set up Overwatch" description="Make the first administrator. Others join by invitation.">
      <form className={styles.form} onSubmit={(event) => void onSubmit(event)}>
        {given === undefined ? (
          <TextInput
            label="Set-up token"
            description="The first start printed it with its link."
            required
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={submission.problemOf("token")}
          />
        ) : null}
        <PersonFields
          name={name}
          onName={setName}
          email={email}
          onEmail={setEmail}
          password={password}
          onPassword={setPassword}
          problemOf={submission.problemOf}
        />
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Button type="submit" fullWidth loading={submission.isSending}>
          Make the administrator
        </Button>
      </form>
    </AccessCard>
  );
}

type PersonFieldsProps = {
  readonly name: string;
  readonly onName: (name: string) => void;
  /** Null where the invitation fixes the address. */
  readonly email: string | null;
  readonly onEmail: (email: string) => void;
  readonly password: string;
  readonly onPassword: (password: string) => void;
  readonly problemOf: (path: string) => string | undefined;
};

/** Name, email and a new password. */
export function PersonFields(props: PersonFieldsProps) {
  const { name, onName, email, onEmail, password, onPassword, problemOf } = props;
  return (
    <>
      <TextInput
        label="Name"
        required
        autoComplete="name"
        autoFocus
        value={name}
        onChange={(event) => onName(event.currentTarget.value)}
        error={problemOf("name")}
      />
      {email === null ? null : (
        <TextInput
          label="Email"
          type="email"
          required
          autoComplete="username"
          value={email}
          onChange={(event) => onEmail(event.currentTarget.value)}
          error={problemOf("email")}
        />
      )}
      <PasswordInput
        label="Password"
        description="At least 12 characters. A few unrelated words are better than many signs."
        required
        minLength={12}
        autoComplete="new-password"
        value={password}
        onChange={(event) => onPassword(event.currentTarget.value)}
        error={problemOf("password")}
        visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
      />
    </>
  );
}
