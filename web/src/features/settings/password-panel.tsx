import { Button, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { startSession } from "../../lib/session.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Panel } from "../../ui/page-header.tsx";

const SHOW = { tabIndex: 0, "aria-label": "Show the password" };

/** Changes one's own password; every other session ends. */
export function PasswordPanel() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const submission = useSubmission(() => startSession("/session/password", { current, new: next }), ["current", "new"]);
  const onSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!(await submission.submit())) return;
    setCurrent("");
    setNext("");
    showToast("The password is changed; all other sessions have ended.", { tone: "good" });
  };
  return (
    <Panel title="Password">
      <form onSubmit={(event) => void onSubmit(event)}>
        <Stack gap="md" maw={420}>
          <PasswordInput
            label="Current password"
            required
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            error={submission.problemOf("current")}
            visibilityToggleButtonProps={SHOW}
          />
          <PasswordInput
            label="New password"
            description="At least 12 characters. All other sessions end with the change."
            required
            minLength={12}
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
            error={submission.problemOf("new")}
            visibilityToggleButtonProps={SHOW}
          />
          {submission.error === null ? null : <ErrorPanel error={submission.error} />}
          <div>
            <Button type="submit" loading={submission.isSending} disabled={current === "" || next === ""}>
              Change the password
            </Button>
          </div>
        </Stack>
      </form>
    </Panel>
  );
}
