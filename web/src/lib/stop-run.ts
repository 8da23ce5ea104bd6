import { useQueryClient } from "@tanstack/react-query";
import type { BulkRunWire } from "../../../server/src/api/contract.ts";
import { ApiFailure, change } from "./api.ts";
import { showToast } from "./toasts.ts";

/** Stops a bulk run and says so. */
export function useStopRun(): (run: Pick<BulkRunWire, "id">) => Promise<void> {
  const client = useQueryClient();
  return async ({ id }) => {
    try {
      await change("POST", `/bulk-runs/${id}/stop`, {});
      showToast("Stopped. What it has done stays done.");
    } catch (error) {
      showToast(error instanceof ApiFailure ? error.message : "It could not be stopped; try again.", { tone: "bad" });
    }
    await client.invalidateQueries({ queryKey: ["bulk-runs"] });
  };
}
