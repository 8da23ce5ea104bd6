import { expect, test } from "vitest";
import { ApiFailure } from "./api.ts";
import { explainError } from "./data-safety.ts";

test("an error names the fields that it is about", () => {
  const details = { fields: [{ path: "endpoint_id", message: "must be a UUID" }] };
  const failure = new ApiFailure({
    status: 422,
    code: "VALIDATION_FAILED",
    message: "Some fields are not valid",
    details,
  });
  expect(explainError(failure).message).toBe("Some fields are not valid. endpoint_id: must be a UUID");
});
