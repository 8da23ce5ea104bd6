import { CAPTURE_CONTEXT } from "../../expression/capture.ts";
import { compileExpression, evaluate } from "../../expression/cel.ts";
import {
  type ContextShape,
  ELEMENT_CONTEXT,
  FILTER_CONTEXT,
  MAPPING_CONTEXT,
  templateContext,
} from "../../expression/context.ts";
import type { ApiDeps } from "../deps.ts";
import { invalidField } from "../error-answer.ts";
import { defineRoute, type Route } from "../route.ts";
import { ExpressionRequest, ExpressionView, RenderRequest, RenderView } from "../schemas/templates.ts";
import { renderTrial } from "../template-trial.ts";

const tag = "templates";

/** Trying templates and expressions; nothing is written or sent. */
export function templateRoutes(deps: ApiDeps): readonly Route[] {
  return [render(deps), check()];
}

function render(deps: ApiDeps): Route {
  return defineRoute("POST", "/templates/render", {
    role: "responder",
    tag,
    summary: "Render a template, a URL and headers",
    description: "With a real incident by `incident_id`, else with a sample. What is wrong is part of the answer.",
    body: RenderRequest,
    answers: { 200: RenderView },
    isIdempotent: false,
    handle: async ({ caller, body, database }) => ({ body: await renderTrial(deps, database, caller, body) }),
  });
}

function check(): Route {
  return defineRoute("POST", "/expressions/check", {
    role: "responder",
    tag,
    summary: "Check an expression",
    description: "Types it for its use, and evaluates it when a `context` is given.",
    body: ExpressionRequest,
    answers: { 200: ExpressionView },
    isIdempotent: false,
    handle: async ({ body }) => {
      const use = body.use ?? "filter";
      const compiled = compileExpression(
        body.expression,
        shapeOf(use, body.variable_names ?? []),
        use === "filter" ? "bool" : "any",
      );
      if (!compiled.ok) {
        return { body: { ok: false, type: null, error: compiled.error, value: null, evaluation_error: null } };
      }
      const evaluated = body.context === undefined ? null : evaluate(compiled.expression, body.context);
      return {
        body: {
          ok: true,
          type: compiled.expression.type,
          error: null,
          value: evaluated?.ok ? evaluated.value : null,
          evaluation_error: evaluated === null || evaluated.ok ? null : evaluated.error.message,
        },
      };
    },
  });
}

function shapeOf(use: string, variableNames: readonly string[]): ContextShape {
  switch (use) {
    case "mapping":
      return MAPPING_CONTEXT;
    case "mapping_element":
      return ELEMENT_CONTEXT;
    case "capture":
      return CAPTURE_CONTEXT;
    case "template": {
      const context = templateContext(variableNames);
      if (!context.ok) throw invalidField("variable_names", context.errors.map((error) => error.message).join("; "));
      return context.shape;
    }
    default:
      return FILTER_CONTEXT;
  }
}
