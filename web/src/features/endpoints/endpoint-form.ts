import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { ApiFailure, change, type Versioned } from "../../lib/api.ts";
import { useSubmission } from "../../lib/submission.ts";
import { showToast } from "../../lib/toasts.ts";
import { changedBody, draftOfEndpoint, isChanged } from "./endpoint-draft.ts";
import { FORM_PATHS, type FormParts } from "./form-parts.ts";

/** The form of an endpoint that is there: what was changed and not saved yet. */
export type EndpointForm = FormParts & {
  readonly isChanged: boolean;
  readonly isSending: boolean;
  readonly error: unknown;
  /** True when somebody else has saved since the form was filled. */
  readonly isOvertaken: boolean;
  readonly save: () => Promise<void>;
  /** Forgets what was changed and takes the endpoint as it is now. */
  readonly reset: () => void;
};

/** Holds the form of an endpoint; it is saved with `If-Match`, so that nobody overwrites what they have not seen. */
export function useEndpointForm(versioned: Versioned<EndpointWire>): EndpointForm {
  const client = useQueryClient();
  const [base, setBase] = useState(versioned);
  const [draft, setDraft] = useState(() => draftOfEndpoint(versioned.body));
  const before = draftOfEndpoint(base.body);
  const hasChanges = isChanged(before, draft);
  // What nobody has touched simply follows the endpoint.
  if (!hasChanges && versioned.etag !== base.etag) {
    setBase(versioned);
    setDraft(draftOfEndpoint(versioned.body));
  }
  const path = `/endpoints/${versioned.body.id}`;
  const submission = useSubmission(async () => {
    await change("PATCH", path, changedBody(before, draft), { ifMatch: base.etag ?? undefined });
  }, FORM_PATHS);
  const refresh = async (): Promise<void> => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ["endpoint"] }),
      client.invalidateQueries({ queryKey: ["endpoints"] }),
    ]);
  };
  return {
    draft,
    set: (part) => setDraft((now) => ({ ...now, ...part })),
    problemOf: submission.problemOf,
    isChanged: hasChanges,
    isSending: submission.isSending,
    error: submission.error,
    isOvertaken: submission.error instanceof ApiFailure && submission.error.status === 412,
    async save() {
      if (!(await submission.submit())) return;
      showToast("Saved.", { tone: "good" });
      await refresh();
      const saved = client.getQueryData<Versioned<EndpointWire>>(["endpoint", versioned.body.id]);
      if (saved === undefined) return;
      setBase(saved);
      setDraft(draftOfEndpoint(saved.body));
    },
    reset() {
      submission.clear();
      setBase(versioned);
      setDraft(draftOfEndpoint(versioned.body));
      void refresh();
    },
  };
}
