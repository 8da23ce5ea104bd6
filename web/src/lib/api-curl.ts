/** A call of the API as a command line, with the real host and a placeholder for the key. */
export function apiCurl(path: string, body?: object): string {
  const call = `curl -X POST ${window.location.origin}/api/v1${path} \\\n  -H "Authorization: Bearer $OVERWATCH_API_KEY"`;
  if (body === undefined) return call;
  return `${call} -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(body)}'`;
}
