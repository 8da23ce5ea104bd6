import type { EndpointWire } from "../../../../server/src/api/contract.ts";
import type { Versioned } from "../../lib/api.ts";
import { useIsAllowed } from "../../lib/session.ts";
import { Panel } from "../../ui/page-header.tsx";
import { useEndpointForm } from "./endpoint-form.ts";
import { SaveBar } from "./save-bar.tsx";
import { TemplateEditor } from "./template-editor.tsx";

/** The template of an endpoint beside what it makes of an incident. */
export function TemplateTab({ versioned }: { readonly versioned: Versioned<EndpointWire> }) {
  const isAdmin = useIsAllowed("admin");
  const form = useEndpointForm(versioned);
  return (
    <>
      <Panel>
        <TemplateEditor
          draft={form.draft}
          variableNames={versioned.body.variable_names}
          onChange={(template) => form.set({ template })}
          problem={form.problemOf("template")}
          isReadOnly={!isAdmin}
        />
      </Panel>
      {isAdmin ? <SaveBar form={form} /> : null}
    </>
  );
}
