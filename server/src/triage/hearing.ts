import type { Database } from "../runtime/database.ts";
import { touchIntegrations } from "../store/triage-integrations.ts";
import type { BatchResult } from "./batch.ts";

/** Remembers when integrations were last heard of and writes it down now and then, not with every batch. */
export type Hearing = {
  note(result: BatchResult): void;
  flush(): Promise<void>;
};

type Heard = {
  readonly organizationId: string;
  readonly id: string;
  readonly receiptAt: number;
  readonly heartbeatAt: number | null;
};

/** A memory of this node; what it loses in a crash comes back with the next receipt. */
export function createHearing(database: Database): Hearing {
  let heard = new Map<string, Heard>();
  return {
    note(result) {
      for (const { receipt } of result.outcomes) {
        const { reading, payload } = receipt;
        if (payload.isReplay) continue;
        const known = heard.get(payload.integrationId);
        const isHeartbeat =
          reading.kind === "signals" ? reading.heartbeat : reading.kind === "ignored" && reading.reason === "heartbeat";
        heard.set(payload.integrationId, {
          organizationId: payload.organizationId,
          id: payload.integrationId,
          receiptAt: Math.max(known?.receiptAt ?? 0, payload.receivedAt),
          heartbeatAt: isHeartbeat
            ? Math.max(known?.heartbeatAt ?? 0, payload.receivedAt)
            : (known?.heartbeatAt ?? null),
        });
      }
    },
    async flush() {
      if (heard.size === 0) return;
      const flushed = heard;
      heard = new Map();
      const rows = [...flushed.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
      try {
        await touchIntegrations(database, rows);
      } catch (error) {
        heard = new Map([...flushed, ...heard]);
        throw error;
      }
    },
  };
}
