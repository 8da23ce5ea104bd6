import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { get } from "../../lib/api.ts";
import { startSession } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { CommandLine } from "../../ui/command-line.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PanelSkeleton } from "../../ui/skeletons.tsx";
import styles from "./access.module.css";
import { AccessCard } from "./access-card.tsx";
import { isLinkOver, LinkCheck } from "./link-check.tsx";
import { NewPassword } from "./new-password.tsx";

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
    <SetupByLink />
  ) : (
    <AccessCard title="Already set up" description="This Overwatch has its administrator; the set-up link works once.">
      <Button component={Link} to="/sign-in" fullWidth>
        Sign in
      </Button>
    </AccessCard>
  );
}

/** With the token of the address the form comes once that works; without one the form asks for it. */
function SetupByLink() {
  const { token } = route.useSearch();
  if (token === undefined) return <SetupForm given={undefined} />;
  return (
    <LinkCheck key={token} token={token} title="Set up Overwatch" over={<LinkOver />}>
      <SetupForm given={token} />
    </LinkCheck>
  );
}

function LinkOver() {
  return (
    <AccessCard
      title="This link does not work"
      description="It has expired, was used already, or was not copied whole. Make a new one where Overwatch runs, with its settings and data directory:"
    >
      <div className={styles.form}>
        <CommandLine command="overwatch setup-link" />
        <p>Then open the link that it prints. A start while nobody has an account prints one too.</p>
      </div>
    </AccessCard>
  );
}

function SetupForm({ given }: { readonly given: string | undefined }) {
  const router = useRouter();
  const [token, setToken] = useState(given ?? "");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const send = (): Promise<void> =>
    startSession("/setup", { token: token.trim(), name: name.trim(), email: email.trim(), password });
  const submission = useSubmission(send, ["token", "name", "email", "password"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) await router.navigate({ to: "/integrations/new" });
  };
  if (given !== undefined && isLinkOver(submission.error)) return <LinkOver />;
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
        <TextInput
          label="Name"
          required
          autoComplete="name"
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={submission.problemOf("name")}
        />
        <TextInput
          label="Email"
          type="email"
          required
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={submission.problemOf("email")}
        />
        <NewPassword password={password} onPassword={setPassword} problem={submission.problemOf("password")} />
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Button type="submit" fullWidth loading={submission.isSending}>
          Make the administrator
        </Button>
      </form>
    </AccessCard>
  );
}
