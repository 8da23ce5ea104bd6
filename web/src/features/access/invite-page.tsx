import { Button, TextInput } from "@mantine/core";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { startSession } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import styles from "./access.module.css";
import { AccessCard } from "./access-card.tsx";
import { isLinkOver, LinkCheck } from "./link-check.tsx";
import { NewPassword } from "./new-password.tsx";

const route = getRouteApi("/invite");

/** Sets a password by the link of an invite or a reset, and is signed in by it. */
export function InvitePage() {
  const { token } = route.useSearch();
  if (token === undefined) return <LinkOver />;
  return (
    <LinkCheck key={token} token={token} title="Welcome to Overwatch" over={<LinkOver />}>
      <InviteForm token={token} />
    </LinkCheck>
  );
}

function LinkOver() {
  return (
    <AccessCard
      title="This link does not work"
      description="It was used already, has expired, or was not copied whole. An administrator makes a new one in Settings, People: “Make a link for a new password” in your row."
    >
      <Button component={Link} to="/sign-in" fullWidth>
        Sign in
      </Button>
    </AccessCard>
  );
}

function InviteForm({ token }: { readonly token: string }) {
  const router = useRouter();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const send = (): Promise<void> =>
    startSession("/invites/accept", { token, password, ...(name.trim() === "" ? {} : { name: name.trim() }) });
  const submission = useSubmission(send, ["name", "password"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) await router.navigate({ to: "/" });
  };
  if (isLinkOver(submission.error)) return <LinkOver />;
  return (
    <AccessCard title="Welcome to Overwatch" description="Choose the password that you sign in with from now on.">
      <form className={styles.form} onSubmit={(event) => void onSubmit(event)}>
        <NewPassword password={password} onPassword={setPassword} problem={submission.problemOf("password")} isFirst />
        <TextInput
          label="Your name"
          description="As others see it; leave it empty to keep the one in the invite."
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={submission.problemOf("name")}
        />
        {submission.error === null ? null : <ErrorPanel error={submission.error} />}
        <Button type="submit" fullWidth loading={submission.isSending}>
          Set the password and sign in
        </Button>
      </form>
    </AccessCard>
  );
}
