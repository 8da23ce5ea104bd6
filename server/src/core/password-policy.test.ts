import { describe, expect, it } from "vitest";
import { normalizePassword, passwordProblem } from "./password-policy.ts";

const EMAIL = "ada.lovelace@example.com";

describe("a new password", () => {
  it.each(["tallow heron quay", "Zürich-Käse-äöü!", "パスワードは長いほうが良い", "a".repeat(6) + "bcd".repeat(20)])(
    "may be %s",
    (password) => {
      expect(passwordProblem(password, EMAIL)).toBeNull();
    },
  );

  it.each([
    ["shorter than 12 characters", "short one.."],
    ["shorter than 12 characters, however many bytes", "🔑🔑🔑🔑🔑🔑"],
    ["longer than 256 characters", "abcdefg ".repeat(33)],
    ["a common one", "passwordpassword"],
    ["a common one in capitals", "ADMINISTRATOR123"],
    ["one character over and over", "zzzzzzzzzzzzzzzz"],
    ["a run of characters", "bcdefghijklmno"],
    ["the e-mail address", "Ada.Lovelace@example.com"],
    ["the e-mail address without its dots", "adalovelaceexamplecom"],
  ])("must not be %s", (_what, password) => {
    expect(passwordProblem(password, EMAIL)).not.toBeNull();
  });

  it("is the same however its letters are composed", () => {
    expect(normalizePassword("Zu\u0308rich ﬁsh ＡＢＣ")).toBe("Zürich fish ABC");
  });
});
