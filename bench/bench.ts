/** What every measurement is given. */
export type Bench = {
  /** Shorter runs, for a look; figures are noisier. */
  readonly isQuick: boolean;
  /** A new folder under the system's temporary folder, removed at the end. */
  makeDataDir(): string;
  say(line: string): void;
};
