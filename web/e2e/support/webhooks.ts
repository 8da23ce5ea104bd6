/** Sends a webhook as a sender without a proof would; gives the id of its receipt. */
export async function sendWebhook(
  url: string,
  payload: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(payload),
  });
  const { data } = (await answer.json()) as { readonly data?: { readonly receipt_id?: string } };
  if (data?.receipt_id === undefined) throw new Error(`The webhook was answered with ${answer.status}`);
  return data.receipt_id;
}
