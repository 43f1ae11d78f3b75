import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";

/** What was logged under `gustnado` since the capture began. */
export interface LogCapture extends Disposable {
  /** Every record, oldest first. */
  readonly records: readonly LogRecord[];
  /** The records as `level: text`, and the message of the error that came along. */
  texts(): string[];
}

/** Collects the log until the end of the `using` block. */
export function captureLogs(): LogCapture {
  const records: LogRecord[] = [];
  configureSync({
    reset: true,
    sinks: { capture: (record) => void records.push(record) },
    loggers: [
      { category: "gustnado", sinks: ["capture"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "fatal" },
    ],
  });
  return { records, texts: () => records.map(textOf), [Symbol.dispose]: resetSync };
}

function textOf({ level, message, properties }: LogRecord): string {
  const { error, message: said } = properties;
  if (said === undefined) return `${level}: ${message.join("")}`;
  return `${level}: ${said}: ${error instanceof Error ? error.message : String(error)}`;
}
