import pino from "pino";

/** One line of JSON per call; never bodies, never secrets. */
export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Log;
};

/** Fields beside the message, in snake_case. */
export type LogFields = Readonly<Record<string, unknown>>;

const MAX_ERROR_CHARS = 4_000;

/** The parts of an error that belong in a log, cut short; PostgreSQL's `detail` is left out, it quotes values. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error).slice(0, MAX_ERROR_CHARS) };
  const code = "code" in error ? String(error.code) : undefined;
  return {
    error: error.message.slice(0, MAX_ERROR_CHARS),
    error_name: error.name,
    ...(code === undefined ? {} : { error_code: code }),
    stack: error.stack?.slice(0, MAX_ERROR_CHARS),
  };
}

/** A log that writes to the given stream (standard output by default) at the given level. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "message",
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ fd: 1, sync: false }),
  );
}
