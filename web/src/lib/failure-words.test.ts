import { expect, test } from "vitest";
import { FAILURE_REASONS as SERVER_REASONS } from "../../../server/src/core/failure-reason.ts";
import { FAILURE_REASONS, failureCode, failureHint, failureWords } from "./failure-words.ts";

test("every reason for which an attempt fails has words and a meaning", () => {
  expect(FAILURE_REASONS).toEqual(SERVER_REASONS);
  for (const reason of [...SERVER_REASONS, "lost"]) {
    expect(failureWords(reason)).not.toContain("_");
    expect(failureHint(reason)).not.toBe("");
  }
});

test("a reason is said with the status that was answered, and its code is still to be had", () => {
  expect(failureWords("client_error", 401)).toBe("Refused (401)");
  expect(failureCode("client_error", 401)).toBe("client_error 401");
  expect(failureWords("of_tomorrow")).toBe("of tomorrow");
});
