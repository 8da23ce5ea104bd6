import { Button, PasswordInput, TextInput } from "@mantine/core";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiFailure } from "../../lib/api.ts";
import { signIn } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import styles from "./access.module.css";
import { AccessCard } from "./access-card.tsx";
import { ProviderRefusal, ProviderSignIn } from "./provider-sign-in.tsx";

const route = getRouteApi("/sign-in");

/** Email and password; afterwards the page that was asked for. */
export function SignInPage() {
  const { next, error: refusalReason } = route.useSearch();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const submission = useSubmission(() => signIn(email.trim(), password), ["email", "password"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await submission.submit()) router.history.push(localPath(next));
    else setPassword("");
  };
  const refusal = refusalOf(submission.error);
  return (
    <AccessCard title="Sign in to Overwatch">
      <ProviderRefusal reason={refusalReason} />
      <form className={styles.form} onSubmit={(event) => void onSubmit(event)}>
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={submission.problemOf("email")}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={submission.problemOf("password") ?? refusal}
          aria-invalid={refusal !== undefined}
          visibilityToggleButtonProps={{ tabIndex: 0, "aria-label": "Show the password" }}
        />
        {submission.error !== null && refusal === undefined ? <ErrorPanel error={submission.error} /> : null}
        <Button type="submit" fullWidth loading={submission.isSending}>
          Sign in
        </Button>
      </form>
      <ProviderSignIn returnTo={localPath(next)} />
    </AccessCard>
  );
}

/** What a refused sign-in says at the form instead of as a failure of the page. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ApiFailure)) return undefined;
  if (error.status === 401) return "Email or password is not right";
  if (error.status !== 429) return undefined;
  const seconds = error.details.retry_after_seconds;
  const when = typeof seconds === "number" ? `in ${seconds} s` : "later";
  return `Too many tries. Signing in is locked for a while; try again ${when}`;
}

/** Only a path of this console: an address of another host must not be reached through a sign-in. */
function localPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next)) return "/";
  return new URL(next, location.origin).origin === location.origin ? next : "/";
}
