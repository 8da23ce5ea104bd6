import { change } from "../../lib/api.ts";

type SampleAnswer = {
  readonly status_code: number;
  readonly receipt_id: string | null;
};

/** Sends a signed sample through the real path; gives its receipt, or throws what the path answered. */
export async function sendSample(integrationId: string): Promise<string> {
  const answer = await change<SampleAnswer>("POST", `/integrations/${integrationId}/test`, {});
  if (answer.receipt_id === null) throw new Error(`The sample was refused with ${answer.status_code}.`);
  return answer.receipt_id;
}
