import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { Panel } from "../../ui/page-header.tsx";
import type { EndpointForm } from "./endpoint-form.ts";
import { TemplateEditor } from "./template-editor.tsx";

type TemplateTabProps = { readonly endpoint: EndpointWire; readonly form: EndpointForm };

/** The template of an endpoint beside what it makes of an incident; with what was changed in the settings. */
export function TemplateTab({ endpoint, form }: TemplateTabProps) {
  const isAdmin = useIsAllowed("admin");
  return (
    <Panel>
      <TemplateEditor
        draft={form.draft}
        variableNames={form.draft.variables?.map(({ name }) => name) ?? endpoint.variable_names}
        onChange={(template) => form.set({ template })}
        problem={form.problemOf("template")}
        isReadOnly={!isAdmin}
      />
    </Panel>
  );
}
