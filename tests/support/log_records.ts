/**
 * What the library logs during a test. A warning or an error that the test does not expect fails it.
 *
 * LogTape has one configuration for all modules of a process, so one capture is open at a time. The
 * tests of one file run one after another; each file has its own modules and its own configuration,
 * also under `deno test --parallel`.
 *
 * @module
 */
import { AssertionError } from "@std/assert";
import {
  compareLogLevel,
  configureSync,
  getConfig,
  type LogLevel,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";

const ARRIVAL_TIMEOUT = 2_000;

/** A log record with its message as one text. */
export interface CapturedLog {
  /** The logger, such as `gustnado.access`; `console` for what went to `console.error`. */
  readonly category: string;
  /** The level; what went to `console.error` counts as `error`, to `console.warn` as `warning`. */
  readonly level: LogLevel;
  /** The message with its values filled in, of an exception the stack too. */
  readonly message: string;
}

/** How {@link captureLogs} captures. */
export interface CaptureOptions {
  /**
   * Whether to configure LogTape; true unless given. Without it the library behaves as in an
   * application that never chose its logging: errors go to `console.error`.
   */
  readonly configure?: boolean;
}

/** The records that no test expected, of captures that are over. */
const leftOver: CapturedLog[] = [];

// An error out of a disposal would hide the failure of the test's own body; one out of a hook does
// not, and it comes when everything the test has bound with `using` is gone.
Deno.test.afterEach(() => {
  const records = leftOver.splice(0);
  if (records.length === 0) return;
  throw new AssertionError(`Unexpected log records:\n${records.map(format).join("\n")}`);
});

/**
 * Captures everything that is logged from here to the end of the scope.
 *
 * Bind it first, so that it ends last: `using records = captureLogs();` (`await using` will do too).
 * Records of level `warning` and above have to be expected with {@link expectLog}, but for those of
 * the access log: what is left at the end is printed and fails the test.
 *
 * @param options Whether LogTape is configured.
 * @returns The records so far.
 * @throws {Error} When another capture is open.
 */
export function captureLogs(options: CaptureOptions = {}): LogRecords {
  return new LogRecords(options);
}

/**
 * Expects that something is logged, once: call it again for a second record.
 *
 * @param records The capture.
 * @param level The record's level.
 * @param pattern What its message has to match.
 * @returns The record. When it is there already no `await` is needed; otherwise it is waited for.
 * @throws {AssertionError} When no such record comes within 2 s.
 */
export function expectLog(
  records: LogRecords,
  level: LogLevel,
  pattern: RegExp,
): Promise<CapturedLog> {
  return records.expect((record) => record.level === level && pattern.test(record.message), {
    description: `${level} ${pattern}`,
  });
}

/** The records of one capture. */
export class LogRecords implements Disposable {
  /** Every record so far, of all levels. */
  readonly all: CapturedLog[] = [];
  readonly #open = new Set<CapturedLog>();
  readonly #arrivals = new EventTarget();
  readonly #console = { error: console.error, warn: console.warn };
  readonly #configured: boolean;

  /**
   * Starts capturing; {@link captureLogs} is the way to call it.
   *
   * @param options Whether LogTape is configured.
   */
  constructor(options: CaptureOptions) {
    if (getConfig() !== null) throw new Error("Cannot capture logs: LogTape is configured already");
    this.#configured = options.configure ?? true;
    if (this.#configured) this.#configure();
    console.error = (...values: unknown[]) => this.#add(fromConsole("error", values));
    console.warn = (...values: unknown[]) => this.#add(fromConsole("warning", values));
  }

  /** The messages of all records of one category, in their order. */
  messages(category: string): string[] {
    return this.all.filter((record) => record.category === category).map(({ message }) => message);
  }

  /**
   * Takes one record out of those that would fail the test; {@link expectLog} is the way to call it.
   *
   * @param matches Which record to take.
   * @param options `description` names it in the error; `timeout` is 2,000 milliseconds unless given.
   * @returns The record.
   * @throws {AssertionError} When none comes in time.
   */
  async expect(
    matches: (record: CapturedLog) => boolean,
    options: { readonly description: string; readonly timeout?: number },
  ): Promise<CapturedLog> {
    const deadline = AbortSignal.timeout(options.timeout ?? ARRIVAL_TIMEOUT);
    for (;;) {
      const record = [...this.#open].find(matches);
      if (record !== undefined) {
        this.#open.delete(record);
        return record;
      }
      if (deadline.aborted) throw this.#missing(options.description);
      await this.#arrival(deadline);
    }
  }

  /** Ends the capture and puts LogTape and the console back. */
  [Symbol.dispose](): void {
    Object.assign(console, this.#console);
    if (this.#configured) resetSync();
    const unexpected = [...this.#open].filter(isAlarm);
    // The test may be failing already, and these records may say why.
    for (const record of unexpected) console.error(`Unexpected log record: ${format(record)}`);
    leftOver.push(...unexpected);
  }

  #configure(): void {
    configureSync({
      sinks: { capture: (record) => this.#add(fromRecord(record)) },
      loggers: [
        { category: [], sinks: ["capture"], lowestLevel: "trace" },
        { category: ["logtape", "meta"], sinks: ["capture"], lowestLevel: "warning" },
      ],
    });
  }

  #add(record: CapturedLog): void {
    this.all.push(record);
    this.#open.add(record);
    this.#arrivals.dispatchEvent(new Event("arrival"));
  }

  #arrival(deadline: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => resolve();
    this.#arrivals.addEventListener("arrival", done, { once: true, signal: deadline });
    deadline.addEventListener("abort", done, { once: true });
    return promise;
  }

  #missing(description: string): AssertionError {
    const logged = this.all.map(format).join("\n") || "nothing";
    return new AssertionError(`Expected a log record ${description}, but logged was:\n${logged}`);
  }
}

function fromRecord(record: LogRecord): CapturedLog {
  const { category, level, message } = record;
  return { category: category.join("."), level, message: message.map(toText).join("") };
}

function fromConsole(level: LogLevel, values: readonly unknown[]): CapturedLog {
  return { category: "console", level, message: values.map(toText).join(" ") };
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : Deno.inspect(value);
}

/** The access log only repeats the status of a response, which is the test's own to look at. */
function isAlarm(record: CapturedLog): boolean {
  // Deno says so once per process when a handler listens for clients that leave.
  if (record.message.startsWith("Deno.serve: request.signal aborts on successful")) return false;
  return compareLogLevel(record.level, "warning") >= 0 && record.category !== "gustnado.access";
}

function format(record: CapturedLog): string {
  return `[${record.category}] ${record.level}: ${record.message}`;
}
