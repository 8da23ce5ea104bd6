import { randomBytes, randomInt } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createOidcClient } from "./api/oidc-client.ts";
import { linkUrl } from "./api/one-time-link.ts";
import { createApi } from "./api/server.ts";
import { type Config, settingsInEffect } from "./config.ts";
import { createConsolePages } from "./console/pages.ts";
import { VERSION } from "./core/version.ts";
import { createBulkRunner } from "./deliver/bulk-runner.ts";
import { createDeliverer } from "./deliver/deliverer.ts";
import { createDuties } from "./node/duties.ts";
import { createFigures } from "./node/figures.ts";
import { prepareFirstStart } from "./node/first-start.ts";
import { createFrontDoor } from "./node/front-door.ts";
import { createGaugeRefresh } from "./node/gauges.ts";
import { createHandOver } from "./node/hand-over.ts";
import { readyChecks } from "./node/ready.ts";
import { openVault, type Storage } from "./node/storage.ts";
import { readReceipt } from "./reading/read-receipt.ts";
import { createReceiver } from "./receive/receiver.ts";
import { createSourceAddress } from "./receive/source.ts";
import { createNodeClock } from "./runtime/clock.ts";
import { createEgress } from "./runtime/egress.ts";
import { createWebSender } from "./runtime/egress-fetch.ts";
import { createIds } from "./runtime/id.ts";
import { describeError, type Log } from "./runtime/log.ts";
import type { Metrics } from "./runtime/metrics.ts";
import { openNodeSession } from "./runtime/node-session.ts";
import { isOwnAddress } from "./runtime/own-addresses.ts";
import { createPasswords } from "./runtime/password.ts";
import { probeOpenCircuits } from "./store/circuits.ts";
import { insertNode, NODE_LOCK_CLASS, removeNode } from "./store/nodes.ts";
import { CONFIG_CHANNEL, sendNotice, WORK_CHANNEL } from "./store/notices.ts";
import { ensurePartitions } from "./store/partitions.ts";
import { loadReceivingIntegration } from "./store/receiving-integration.ts";
import { touchSecrets } from "./store/secrets.ts";
import { dryRun } from "./triage/dry-run.ts";
import { createTriage } from "./triage/triage.ts";

/** Where the built console lies, beside the server. */
const CONSOLE_FOLDER = join(import.meta.dirname, "../../web/dist");

/** A running node. */
export type App = {
  readonly url: string;
  readonly port: number;
  readonly isEmbedded: boolean;
  /** Where the data lives, for people. */
  readonly storage: string;
  /** The file with the admin key that the first start made, or null. */
  readonly keyFile: string | null;
  /** Where the first administrator is made, or null; a secret. */
  readonly setupUrl: string | null;
  /** Stops in order: readyz 503, listener closed, requests answered, claims given back, database closed. */
  stop(): Promise<void>;
};

/**
 * Builds a node on a storage that is being opened and starts it; throws with a sentence when it cannot run. The storage is
 * closed when the node cannot start, and by the node's own stop.
 */
export async function startApp(config: Config, log: Log, metrics: Metrics, opening: Promise<Storage>): Promise<App> {
  const storage = await opening;
  try {
    return await startOn(storage, metrics, config, log);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function startOn(storage: Storage, metrics: Metrics, config: Config, log: Log): Promise<App> {
  const { database, connection } = storage;
  const clock = createNodeClock();
  const ids = createIds(clock);
  metrics.refreshBy(createGaugeRefresh({ database, clock, metrics }));
  const vault = await openVault(database, config);
  const { keyFile, setupToken } = await prepareFirstStart({ database, config, clock, ids });
  await ensurePartitions(database, clock.now());
  const nodeId = ids.next();
  // Until the listener knows better: only port 0 differs.
  let url = urlOf(config.host, config.port);
  const publicUrl = (): string => config.publicUrl ?? url;
  const shared = { database, clock, ids, log, metrics, nodeId, publicUrl };
  const isWorking = config.role !== "receive";
  const isReceiving = config.role !== "work";
  let isDraining = false;
  let isClosing = false;

  // Filled when the listener is open: no endpoint may call this node itself or the database that it works on.
  const ownPorts = new Set<number>(storage.address === null ? [] : [storage.address.port]);
  const egress = createEgress({
    allowCidrs: config.egressAllowCidrs,
    refusedPorts: config.egressRefusedPorts,
    isHttpsOnly: config.isEgressHttpsOnly,
    ...(config.egressProxy === null ? {} : { proxy: config.egressProxy }),
    proxies: config.egressProxies,
    refusedHosts: storage.address === null ? [] : [storage.address],
    now: clock.now,
    isRefused: (address, port) => ownPorts.has(port) && isOwnAddress(address),
  });
  const wakeElsewhere = createWakeElsewhere(database, log);
  const figures = createFigures(shared);
  const deliverer = createDeliverer({
    ...shared,
    ...figures,
    vault,
    egress,
    random: Math.random,
    monotonicNow: () => performance.now(),
    place: () => duties.place(),
    onElsewhere: () => wakeElsewhere("deliver"),
  });
  const triage = createTriage({
    ...shared,
    counts: figures.counts,
    onDeliveries: deliverer.wake,
    isAcceptingHard: () => receiver.inFlight() >= HARD_ACCEPTING,
  });
  const wakeTriage = isWorking ? triage.wake : () => wakeElsewhere("triage");
  const bulkRunner = createBulkRunner({ ...shared, onDue: deliverer.wake });
  const wakeSending = (): void => {
    deliverer.wake();
    bulkRunner.wake();
  };
  const wakeDeliver = isWorking ? wakeSending : () => wakeElsewhere("deliver");

  const duties = createDuties({
    ...shared,
    config,
    wallNow: Date.now,
    monotonicNow: () => performance.now(),
    async onReleased() {
      if (!isWorking) return;
      await deliverer.takeOver();
      triage.wake();
      deliverer.wake();
    },
  });

  const receiver = createReceiver({
    ...shared,
    ...figures,
    loadIntegration: (id) => loadReceivingIntegration(database, vault, clock, id),
    readReceipt,
    trustedProxies: config.trustedProxies,
    // While load balancers have not noticed yet, webhooks are still accepted.
    isDraining: () => isClosing,
    onStored: wakeTriage,
    handOver:
      config.role === "all"
        ? createHandOver({
            triage,
            nodeId,
            now: clock.now,
            isAlone: () => duties.receivingNodes() === 1 && duties.place().nodes === 1,
          })
        : null,
    liveNodes: duties.receivingNodes,
    noteSecretUse: createSecretUses((used) => touchSecrets(database, used, clock.now()), log),
  });

  const forget = (id: string): void => {
    receiver.invalidate(id);
    deliverer.invalidate(id);
    api.forgetKeys();
  };
  const api = await createApi({
    ...shared,
    vault,
    randomBytes,
    passwords: createPasswords(),
    oidc:
      config.oidc === null
        ? null
        : createOidcClient(config.oidc, createWebSender(egress.send, "identity provider", 10_000), clock),
    judgeUrl: egress.judgeUrl,
    proxyNames: Object.keys(config.egressProxies).toSorted(),
    sourceAddress: createSourceAddress(config.trustedProxies),
    areMetricsOpen: isLoopback(config.host),
    receive: isReceiving ? receiver.handle : null,
    dryRun: (receipts, changes) => dryRun(shared, receipts, changes),
    installation: {
      version: VERSION,
      isEmbedded: storage.isEmbedded,
      storage: storage.description,
      configuration: settingsInEffect(),
    },
    isDraining: () => isDraining,
    readyChecks: () => readyChecks(database),
    activity: receiver.activity,
    onConfigChanged(_kind, id) {
      forget(id);
      sendNotice(database, CONFIG_CHANNEL, id).catch((error: unknown) => {
        log.warn(describeError(error), "other nodes were not told of a change; they notice within 30 s");
      });
    },
    wakeTriage,
    wakeDeliver,
  });

  const lockKey = randomInt(1, 2 ** 31 - 1);
  const session = await openNodeSession({
    connection,
    lockClass: NODE_LOCK_CLASS,
    lockKey,
    channels: [CONFIG_CHANNEL, WORK_CHANNEL],
    log,
    onNotice(channel, payload) {
      if (channel === CONFIG_CHANNEL) forget(payload);
      else if (isWorking) payload === "triage" ? triage.wake() : wakeSending();
    },
    onRestored() {
      receiver.invalidate();
      deliverer.invalidate();
      api.forgetKeys();
    },
  });
  await insertNode(database, { id: nodeId, lockKey, role: config.role, version: VERSION, startedAt: clock.now() });
  await duties.beatOnce();
  duties.start();
  if (isWorking) {
    await probeOpenCircuits(database, clock.now());
    triage.start();
    deliverer.start();
    bulkRunner.start();
  }
  const pages = createConsolePages(CONSOLE_FOLDER);
  const door = createFrontDoor({ receiver: isReceiving ? receiver : null, pages, api: api.app, ids });
  const address: AddressInfo = await door.listen(config.port, config.host);
  ownPorts.add(address.port);
  url = urlOf(config.host, address.port);
  log.info({ url, role: config.role, node_id: nodeId, version: VERSION }, "ready");

  return {
    url,
    port: address.port,
    isEmbedded: storage.isEmbedded,
    storage: storage.description,
    keyFile,
    setupUrl: setupToken === null ? null : linkUrl(publicUrl(), "setup", setupToken),
    async stop() {
      isDraining = true;
      await new Promise((resolve) => setTimeout(resolve, config.shutdownDelaySeconds * 1_000));
      isClosing = true;
      await door.close();
      await receiver.stop();
      await triage.stop();
      await bulkRunner.stop();
      await deliverer.stop((config.shutdownGraceSeconds * 1_000) / 2);
      await duties.stop();
      await figures.flush();
      await api.close();
      await removeNode(database, nodeId).catch(() => undefined);
      await session.close();
      await egress.close();
      await storage.close();
    },
  };
}

// So many senders that wait at once mean that accepting, not triage, is what they wait for.
const HARD_ACCEPTING = 40;

const WAKE_INTERVAL_MS = 25;

/** Tells other nodes that there is work, at most forty times a second and never inside a transaction that accepts. */
function createWakeElsewhere(database: Storage["database"], log: Log): (stage: "triage" | "deliver") => void {
  const waiting = new Set<string>();
  return (stage) => {
    if (waiting.has(stage)) return;
    waiting.add(stage);
    setTimeout(() => {
      waiting.delete(stage);
      sendNotice(database, WORK_CHANNEL, stage).catch((error: unknown) => {
        log.debug(describeError(error), "other nodes were not woken; they poll");
      });
    }, WAKE_INTERVAL_MS);
  };
}

const SECRET_USE_INTERVAL_MS = 60_000;

/** Collects which secrets verified something and writes it down once a minute, so that accepting costs no extra write. */
function createSecretUses(
  write: (secretIds: readonly string[]) => Promise<void>,
  log: Log,
): (secretId: string) => void {
  const used = new Set<string>();
  const flush = (): void => {
    const batch = [...used];
    used.clear();
    write(batch).catch((error: unknown) => log.debug(describeError(error), "the use of secrets was not written"));
  };
  return (secretId) => {
    if (used.size === 0) setTimeout(flush, SECRET_USE_INTERVAL_MS).unref();
    used.add(secretId);
  };
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
