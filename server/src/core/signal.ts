import type { Severity } from "./severity.ts";

/**
 * What one observation says of its condition. `noted` changes no state: it only adds a line to the timeline of an
 * incident that is there already.
 */
export type SignalStatus = "firing" | "acknowledged" | "unacknowledged" | "resolved" | "noted";

/** A link shown to people; `href` is always http or https. */
export type Link = { readonly href: string; readonly text: string };

/** One normalised observation read from a receipt. */
export type Signal = {
  /** The platform's own id of the alert, as it sent it. */
  readonly externalId: string;
  /** Names the condition within its integration; equal for its firing and its resolved signals; at most 255 bytes. */
  readonly dedupKey: string;
  /** The payload paths that the dedup key was made from, for the trace. */
  readonly dedupKeyFrom: readonly string[];
  readonly status: SignalStatus;
  readonly severity: Severity;
  readonly title: string;
  readonly description: string;
  /** At most 64 entries, key 256 and value 2,048 characters. */
  readonly labels: Readonly<Record<string, string>>;
  readonly links: readonly Link[];
  /** When the source says that it happened, epoch milliseconds; the time of receipt where the source says nothing. */
  readonly sourceTime: number;
  /** The timeline's text of a `noted` signal, or null. */
  readonly note: string | null;
};

/** What a platform made of one payload. */
export type Reading =
  | {
      readonly kind: "signals";
      /** The payload variant that was recognised, such as `unified` or `legacy`. */
      readonly variant: string;
      readonly signals: readonly Signal[];
      /** True when the payload also carried a sign of life, such as Alertmanager's Watchdog. */
      readonly heartbeat: boolean;
      /** Things a person may want to know, such as an unknown severity word. */
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: "ignored";
      readonly variant: string;
      readonly reason: "test" | "heartbeat" | "not_an_alert" | "loop";
      readonly message: string;
      /** The platform's own ids, for the answer to the sender. */
      readonly externalIds: readonly string[];
    }
  | {
      readonly kind: "unreadable";
      /** The JSON path at which reading failed, `$` for the whole. */
      readonly path: string;
      readonly message: string;
    };

/** Which details of the receipt a platform may use besides the payload. */
export type ReadContext = {
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
};
