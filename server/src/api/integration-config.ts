import type { Static } from "typebox";
import { parseCidrs } from "../core/cidr.ts";
import { OverwatchError } from "../core/errors.ts";
import type { Integration, TriagePolicy } from "../core/integration.ts";
import { compileMapping } from "../expression/mapping.ts";
import type { FieldProblem } from "./endpoint-check.ts";
import type { IntegrationPatch } from "./schemas/integrations.ts";
import { splitVerification } from "./verification-config.ts";

/** The settings of an integration as a request carries them, whole or in part. */
export type IntegrationFields = Omit<Static<typeof IntegrationPatch>, "webhook_config">;

const TRIAGE_FIELDS = [
  "auto_resolve",
  "reopen_seconds",
  "stale_after_seconds",
  "silent_after_seconds",
  "flapping_changes",
  "flapping_window_seconds",
] as const satisfies readonly (keyof TriagePolicy)[];

/** What a new integration has that its request does not mention. */
export const NEW_INTEGRATION: Omit<Integration, "organizationId" | "id" | "platform"> = {
  name: "",
  enabled: true,
  verification: { type: "signature" },
  allowedIps: [],
  rateLimit: null,
  bodyLimitBytes: 1_048_576,
  quarantineLimit: 10_000,
  mapping: null,
  grouping: { by: ["dedup_key"] },
  triage: {},
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  lastReceiptAt: null,
};

/** The integration with the settings of a request applied; throws VALIDATION_FAILED with everything that is wrong. */
export function applyIntegrationFields(integration: Integration, fields: IntegrationFields): Integration {
  const problems = [...cidrProblems(fields.allowed_ips ?? []), ...mappingProblems(fields.mapping)];
  if (problems.length > 0) throw new OverwatchError("VALIDATION_FAILED", { fields: problems });
  const triage: Record<string, unknown> = { ...integration.triage };
  for (const name of TRIAGE_FIELDS) if (fields[name] !== undefined) triage[name] = fields[name];
  return {
    ...integration,
    name: fields.name ?? integration.name,
    enabled: fields.enabled ?? integration.enabled,
    verification:
      fields.verification === undefined
        ? integration.verification
        : splitVerification(fields.verification).verification,
    allowedIps: fields.allowed_ips ?? integration.allowedIps,
    rateLimit: fields.rate_limit === undefined ? integration.rateLimit : fields.rate_limit,
    bodyLimitBytes: fields.body_limit_bytes ?? integration.bodyLimitBytes,
    quarantineLimit: fields.quarantine_limit ?? integration.quarantineLimit,
    mapping: fields.mapping === undefined ? integration.mapping : fields.mapping,
    grouping: fields.grouping ?? integration.grouping,
    triage: triage as Partial<TriagePolicy>,
  };
}

function cidrProblems(cidrs: readonly string[]): readonly FieldProblem[] {
  return cidrs.flatMap((cidr, index) => {
    const reading = parseCidrs([cidr]);
    return reading.ok ? [] : [{ path: `allowed_ips[${index}]`, message: reading.messages.join("; ") }];
  });
}

function mappingProblems(mapping: IntegrationFields["mapping"]): readonly FieldProblem[] {
  if (mapping === undefined || mapping === null) return [];
  const compiled = compileMapping(mapping);
  if (compiled.ok) return [];
  return compiled.errors.map((error) => ({
    path: `mapping${error.path.slice(1)}`,
    message: error.message,
    position: error.position,
  }));
}
