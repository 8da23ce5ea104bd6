import { describe, expect, it } from "vitest";
import { createPasswords, PASSWORD_COST, PasswordsBusyError } from "./password.ts";

const CHEAP = { memoryKib: 64, passes: 1, lanes: 1 };

describe("passwords", () => {
  it("are hashed with the parameters that OWASP advises, which the hash names", async () => {
    const hash = await createPasswords().hash("tallow heron quay");
    expect(PASSWORD_COST).toEqual({ memoryKib: 19_456, passes: 2, lanes: 1 });
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it("are told from wrong ones, and the same password never has the same hash", async () => {
    const passwords = createPasswords(CHEAP);
    const [one, other] = [await passwords.hash("tallow heron quay"), await passwords.hash("tallow heron quay")];
    expect(one).not.toBe(other);
    expect(await passwords.check("tallow heron quay", one)).toEqual({ isRight: true, isOutdated: false });
    expect((await passwords.check("tallow heron quaY", one)).isRight).toBe(false);
    expect((await passwords.check("tallow heron quay", null)).isRight).toBe(false);
    expect((await passwords.check("tallow heron quay", "$argon2id$nonsense")).isRight).toBe(false);
  });

  it("that were hashed with other parameters still open, and are told to be outdated", async () => {
    const hash = await createPasswords(CHEAP).hash("tallow heron quay");
    const raised = createPasswords({ ...CHEAP, passes: 2 });
    expect(await raised.check("tallow heron quay", hash)).toEqual({ isRight: true, isOutdated: true });
  });

  it("agree with the test vector of another implementation", async () => {
    // Made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
    const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    expect((await createPasswords().check("password", hash)).isRight).toBe(true);
  });

  it("wait in turn, and are refused when too many wait", async () => {
    const passwords = createPasswords(CHEAP);
    const tries = Array.from({ length: 80 }, () => passwords.hash("tallow heron quay"));
    const settled = await Promise.allSettled(tries);
    const refused = settled.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(80 - 66);
    for (const one of refused) expect(one.reason).toBeInstanceOf(PasswordsBusyError);
    expect(await passwords.hash("tallow heron quay")).toContain("$argon2id$");
  });
});
