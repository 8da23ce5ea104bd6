import type { OpenedSecret } from "../store/receiving-integration.ts";
import type { HeaderSource } from "./headers.ts";

/** Why a webhook was not believed. */
export type VerificationFailure = "missing" | "malformed" | "mismatch" | "expired";

/** What verification says of one webhook. */
export type Verdict =
  | {
      readonly ok: true;
      /** How it was verified, for the receipt; the old secret of a rotation is named. */
      readonly by: string;
      readonly secretId: string | null;
      /** Names this very webhook when the sender's MAC covers an id or a time; a replay has the same one. */
      readonly replayKey: string | null;
    }
  | { readonly ok: false; readonly reason: VerificationFailure; readonly received: string | null };

/** Verifies the raw bytes of a webhook; `now` is epoch milliseconds. Never throws. */
export type Verifier = {
  /** The form of what is expected, with the secret part masked. */
  readonly expected: string;
  /** The header (lower case) that carries the proof, to be masked where headers are kept. */
  readonly header: string | null;
  verify(source: HeaderSource, body: Buffer, now: number): Verdict;
};

const LONGEST_ECHO = 128;

/** The verdict of a webhook that is believed. */
export function success(type: string, secret: OpenedSecret, replayKey: string | null): Verdict {
  return { ok: true, by: secret.isPrevious ? `${type} (previous secret)` : type, secretId: secret.id, replayKey };
}

/** The verdict of a webhook that is not; what came is cut to 128 characters. */
export function failure(reason: VerificationFailure, received: string | null): Verdict {
  return { ok: false, reason, received: received === null ? null : received.slice(0, LONGEST_ECHO) };
}

/** True while a secret may still verify: for ever, or until the overlap of its rotation ends. */
export function isLive(secret: OpenedSecret, now: number): boolean {
  return secret.expiresAt === null || secret.expiresAt > now;
}
