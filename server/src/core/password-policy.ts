/** The shortest and the longest password in characters, after normalization. */
export const PASSWORD_LENGTH = { least: 12, most: 256 } as const;

// Those of published lists that are long enough to pass, and the words that people lengthen to pass.
const COMMON = new Set(
  (
    "123456789012 1234567890123 12345678901234 123456789123 1234567891234 012345678910 0123456789012 123123123123 " +
    "111111111111 000000000000 1q2w3e4r5t6y 1q2w3e4r5t6y7u qwertyuiop12 qwertyuiop123 qwerty123456 qwerty1234567 " +
    "qwertyuiopasdfghjkl qwertyuiop[] asdfghjkl123 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3 " +
    "abcdefghijkl abcdefghijklmnopqrstuvwxyz abc123abc123 abcd12345678 a1b2c3d4e5f6 aa1234567890 password1234 " +
    "password12345 password123456 passwordpassword password1password1 passw0rd1234 p@ssw0rd1234 p@ssword1234 " +
    "mypassword123 newpassword1 newpassword123 adminadminadmin administrator administrator1 administrator123 admin1234567 " +
    "admin12345678 admin123456789 rootrootroot letmeinletmein letmein12345 welcome12345 welcome123456 iloveyou1234 " +
    "iloveyouforever changemechangeme changeme1234 changeme12345 trustno1trustno1 overwatch123 overwatch1234 " +
    "overwatchoverwatch correcthorsebatterystaple thisisapassword thisismypassword testtesttest test12345678 unbelievable " +
    "sunshine1234 football1234 baseball1234 superman1234 monkey123456 dragon123456 master123456 michael12345"
  ).split(" "),
);

/** A password as it is compared: NFKC, so that the same keys typed on another system give the same password. */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/** Why a new password is refused, in words that follow "password", or null. */
export function passwordProblem(password: string, email: string): string | null {
  const text = normalizePassword(password);
  const length = [...text].length;
  if (length < PASSWORD_LENGTH.least) return `must have at least ${PASSWORD_LENGTH.least} characters`;
  if (length > PASSWORD_LENGTH.most) return `must have at most ${PASSWORD_LENGTH.most} characters`;
  const folded = text.toLowerCase();
  if (COMMON.has(folded) || new Set(folded).size < 4 || isRun(folded)) {
    return "is one of those that are guessed first; take another";
  }
  const mailbox = email.toLowerCase();
  if (folded === mailbox || folded.replaceAll(/[^a-z0-9]/g, "") === mailbox.replaceAll(/[^a-z0-9]/g, "")) {
    return "must not be the e-mail address";
  }
  return null;
}

/** True for a text whose characters follow each other, such as "abcdefghijklm". */
function isRun(text: string): boolean {
  const steps = new Set<number>();
  for (let index = 1; index < text.length; index++) steps.add(text.charCodeAt(index) - text.charCodeAt(index - 1));
  return steps.size === 1;
}
