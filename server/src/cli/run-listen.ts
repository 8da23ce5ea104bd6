import { writeFileSync } from "node:fs";
import { type EventType, isSubscribed, isSubscription } from "../core/event.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { compileFilter, type Filter, matchesFilter } from "../expression/filter.ts";
import { type ApiClient, rowsOf } from "./api-client.ts";
import { type Cli, type Options, optionOf } from "./command.ts";
import { findEndpointByName } from "./endpoint.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Forwarded, forward, listenSecretPath, loadListenSecret, webhookOf } from "./forwarder.ts";
import { openFullScreen } from "./listen-full-screen.ts";
import { createLineView, type ListenView } from "./listen-view.ts";
import { readServerSentEvents } from "./server-sent-events.ts";
import { plain } from "./terminal.ts";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const RESENDS_EVERY_MS = 2_000;

type Listening = {
  readonly cli: Cli;
  readonly view: ListenView;
  readonly api: ApiClient;
  readonly forwardTo: string | null;
  readonly secret: string;
  readonly endpoint: JsonObject | null;
  readonly events: readonly string[];
  readonly filters: readonly Filter[];
};

/** What `overwatch listen` does. */
export async function listen(cli: Cli, _args: readonly string[], options: Options): Promise<void> {
  const secret = loadListenSecret(cli.environment);
  if (options.printSecret === true) return cli.terminal.out(secret);
  const events = (optionOf(options, "events") ?? "*").split(",").map((entry) => entry.trim());
  const unknown = events.find((entry) => !isSubscription(entry));
  if (unknown !== undefined) throw new CliError(EXIT.usage, `"${unknown}" is no event type or wildcard`);
  const forwardTo = optionOf(options, "forwardTo");
  if (forwardTo !== null && !/^https?:$/.test(URL.parse(forwardTo)?.protocol ?? "")) {
    throw new CliError(EXIT.usage, `--forward-to: "${forwardTo}" is not an http or https URL`);
  }
  const own = filterOf(optionOf(options, "filter"));
  const api = cli.api();
  const organization = await api.get("/organization");
  const name = optionOf(options, "endpoint");
  const endpoint = name === null ? null : await findEndpointByName(api, name);
  const theirs = filterOf(typeof endpoint?.filter === "string" ? endpoint.filter : null);
  const filters = [own, theirs].filter((filter) => filter !== null);
  // Whichever fails ends all.
  const stop = new AbortController();
  const where = forwardTo === null ? "showing events" : `forwarding to ${forwardTo}`;
  const onReady = (): void => {
    const signed = forwardTo === null ? "" : `; signed by the secret in ${listenSecretPath(cli.environment)}`;
    view.ready(`listening to ${api.url} (${String(organization.name)}), ${where}${signed}; Ctrl+C stops`);
    const file = optionOf(options, "readyFile");
    if (file === null) return;
    const ready = { pid: process.pid, url: api.url, forward_to: forwardTo };
    writeFileSync(file, JSON.stringify({ ...ready, secret_file: listenSecretPath(cli.environment) }));
  };
  cli.stopped.addEventListener("abort", () => stop.abort());
  if (cli.stopped.aborted) stop.abort();
  const isPlain = options.plain === true || options.quiet === true || cli.isJson || !cli.environment.canDraw;
  const title = `${api.url} (${plain(String(organization.name))}), ${where}`;
  const view = (isPlain ? null : openFullScreen(title, () => stop.abort())) ?? createLineView(cli);
  const listening = { cli, view, api, forwardTo, secret, endpoint, events, filters };
  try {
    await Promise.all([followEvents(listening, onReady, stop), followResends(listening, stop.signal)]);
  } finally {
    view.close();
  }
}

/** Follows the stream; after a break it goes on behind the last event that was dealt with. */
async function followEvents(listening: Listening, onReady: () => void, stop: AbortController): Promise<void> {
  const { cli, view, api } = listening;
  let lastEventId: string | null = null;
  let isReady = false;
  let waitMs = FIRST_WAIT_MS;
  while (!stop.signal.aborted) {
    try {
      const parts = await api.stream(lastEventId, stop.signal);
      if (isReady) view.say("connected again");
      else onReady();
      isReady = true;
      waitMs = FIRST_WAIT_MS;
      for await (const { id, data } of readServerSentEvents(parts)) {
        await handle(listening, JSON.parse(data) as JsonObject, false);
        lastEventId = id ?? lastEventId;
      }
    } catch (error) {
      if (stop.signal.aborted) return;
      const isFinal = error instanceof CliError && error.exitCode !== EXIT.unavailable;
      if (!isReady || isFinal) {
        stop.abort();
        throw error;
      }
    }
    if (stop.signal.aborted) return;
    view.say("the connection is gone; trying again");
    await cli.wait(waitMs, stop.signal);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}

/** Somebody who sends an event again wants to see it arrive, here too. */
async function followResends(listening: Listening, stopped: AbortSignal): Promise<void> {
  const { cli, api, endpoint } = listening;
  const startedAt = new Date(cli.now()).toISOString();
  const seen = new Set<string>();
  while (!stopped.aborted) {
    await cli.wait(RESENDS_EVERY_MS, stopped);
    if (stopped.aborted) return;
    try {
      const query = { since: startedAt, limit: 200, endpoint_id: endpoint === null ? null : String(endpoint.id) };
      for (const delivery of [...rowsOf(await api.get("/deliveries", query))].reverse()) {
        if (typeof delivery.resend_of !== "string" || seen.has(String(delivery.id))) continue;
        seen.add(String(delivery.id));
        await handle(listening, await api.get(`/events/${String(delivery.event_id)}`), true);
      }
    } catch (error) {
      // The stream tells what is wrong.
      if (!(error instanceof CliError)) throw error;
    }
  }
}

async function handle(listening: Listening, event: JsonObject, isResend: boolean): Promise<void> {
  const { endpoint, events, filters } = listening;
  const type = String(event.type) as EventType;
  if (!isSubscribed(events, type)) return;
  if (endpoint !== null && !isHeardBy(endpoint, event)) return;
  const payload = isObject(event.payload ?? null) ? (event.payload as JsonObject) : {};
  const context = { ...payload, event: { id: event.id, type, created_at: event.created_at } };
  if (!filters.every((filter) => matchesFilter(filter, context).matched)) return;
  const again = listening.forwardTo === null ? null : () => forwardOne(listening, event, true);
  const forwarded = listening.forwardTo === null ? null : await forwardOne(listening, event, isResend);
  listening.view.tell({ event, isResend, forwarded, again });
}

async function forwardOne(listening: Listening, event: JsonObject, isResend: boolean): Promise<Forwarded> {
  const { cli, forwardTo, secret, endpoint } = listening;
  try {
    const target = { url: forwardTo ?? "", secret, id: String(event.id), isResend };
    return await forward(webhookOf(event, endpoint), target, cli.now);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { status: null, ms: 0, error: error.message };
  }
}

function isHeardBy(endpoint: JsonObject, event: JsonObject): boolean {
  const events = Array.isArray(endpoint.events) ? endpoint.events.map(String) : [];
  if (!isSubscribed(events, String(event.type) as EventType) || event.endpoint_id === endpoint.id) return false;
  return endpoint.integration_id === null || endpoint.integration_id === event.integration_id;
}

function filterOf(source: string | null): Filter | null {
  if (source === null) return null;
  const compiled = compileFilter(source);
  if (compiled.ok) return compiled.filter;
  throw new CliError(EXIT.usage, `--filter: ${compiled.error.message}`);
}
