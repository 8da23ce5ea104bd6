import { type NodeProcess, startNodeProcess } from "../server/test/support/node-process.ts";
import { type AlertSource, createAlertSource } from "./alerts.ts";
import type { Bench } from "./bench.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/** Everything that stands between a signed alert and a signed webhook. */
export type Pipeline = {
  readonly subject: NodeProcess;
  readonly receiver: Receiver;
  /** The whole request of an alert that will arrive at the receiver under its key. */
  firing(key: string): Buffer;
  stop(): Promise<void>;
};

/** Starts Overwatch with one integration whose own endpoint is a receiver of this process. */
export async function startPipeline(bench: Bench, environment: Record<string, string> = {}): Promise<Pipeline> {
  const receiver = await startReceiver();
  const subject = await startNodeProcess(bench.makeDataDir(), environment);
  const source = await connectTo(subject, receiver);
  return {
    subject,
    receiver,
    firing: source.firing,
    async stop() {
      await subject.stop();
      await receiver.close();
    },
  };
}

/** Makes an integration whose own endpoint is the receiver; its alerts come from the source that is returned. */
export async function connectTo(subject: NodeProcess, receiver: Receiver): Promise<AlertSource> {
  const integration = await subject.call("POST", "/integrations", {
    name: "bench",
    platform: "datadog",
    webhook_config: {
      url: `http://127.0.0.1:${receiver.port}/`,
      method: "POST",
      events: ["incident.created"],
      template: {
        key: "{{alert.external_id}}",
        title: "{{incident.title}}",
        severity: "{{incident.severity}}",
        status: "{{incident.status}}",
      },
    },
  });
  return createAlertSource(new URL(String(integration.webhook_url)).pathname, String(integration.signing_secret));
}
