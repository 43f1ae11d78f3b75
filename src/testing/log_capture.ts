/** What is logged during a test. */
import {
  compareLogLevel,
  configureSync,
  getConfig,
  type LogLevel,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";
import { BOOLEAN, checkOptions, oneOf, type OptionType, STRING } from "../checks/option_check.ts";

/**
 * A line of the log.
 *
 * @category Testing
 */
export interface LogLine {
  /** Who logged it: `gustnado.access`, `gustnado.general`, `gustnado.application`, or a logger of yours. */
  readonly logger: string;
  /** Its level. */
  readonly level: LogLevel;
  /** The message with its values filled in, of an exception the stack too. */
  readonly message: string;
  /** Of a line of the access log: why the request was refused, where that is known. */
  readonly reason?: string;
}

/**
 * Which line is expected. What is left out does not matter.
 *
 * @category Testing
 */
export interface ExpectedLog {
  /** Who logs it, or the beginning of that: `gustnado` for all of the library's. */
  readonly logger?: string;
  /** Its level. */
  readonly level?: LogLevel;
  /** What the message has to match, or the message with `": "` and the reason behind it. */
  readonly pattern?: RegExp;
}

/**
 * Options of {@linkcode captureLogs}.
 *
 * @category Testing
 */
export interface CaptureOptions {
  /**
   * Whether warnings and errors that nothing has expected fail the test. Default `true`. Lines of the
   * access log never do.
   */
  readonly strict?: boolean;
}

const PATTERN: OptionType = { name: "a RegExp", test: (value) => value instanceof RegExp };
const EXPECTED: Readonly<Record<keyof ExpectedLog, OptionType>> = {
  logger: STRING,
  level: oneOf("trace", "debug", "info", "warning", "error", "fatal"),
  pattern: PATTERN,
};
const ACCESS = "gustnado.access";
/** Milliseconds that a line may come after what has logged it. */
const ARRIVAL = 1_000;

let current: OpenCapture | undefined;

/**
 * The lines of one test.
 *
 * @category Testing
 */
export interface LogCapture extends Disposable {
  /** Every line so far, of all levels. */
  readonly lines: readonly LogLine[];

  /**
   * Takes the oldest line that fits out of those that would fail the test; waits for it up to a second.
   *
   * @throws {Error} If none comes; the message has what was logged instead.
   */
  take(expected: ExpectedLog): Promise<LogLine>;

  /** Ends the capture, and gives logging back to who had configured it. */
  [Symbol.dispose](): void;
}

/**
 * Captures everything that is logged up to the end of the block. Warnings and errors that nothing has
 * expected fail the test there.
 *
 * Bind it first, so that it ends last: `using logs = captureLogs();`. LogTape has one configuration for
 * a process, which is given back; so one capture is open at a time.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 * @throws {Error} If another capture is open.
 *
 * @example
 * ```ts
 * import { Application } from "@gustnado/gustnado";
 * import { captureLogs, testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * using logs = captureLogs();
 * await using t = testServer(new Application());
 * await t.get("/nowhere");
 * const [line] = logs.lines.filter(({ logger }) => logger === "gustnado.access");
 * assertEquals(line?.level, "warning");
 * ```
 *
 * @category Testing
 */
export function captureLogs(options: CaptureOptions = {}): LogCapture {
  checkOptions(options, { strict: BOOLEAN });
  return OpenCapture.begin(options.strict ?? true);
}

/**
 * Fails unless a line is logged while a function runs, or within a second of it
 * (`tornado.testing.ExpectLog`). In a capture the line is expected then, and does not fail the test.
 *
 * @param expected What the message has to match; or logger, level and pattern.
 * @param fn What is to log it. It is waited for.
 * @returns The line.
 * @throws {Error} If no such line comes; the message has what was logged instead.
 * @throws {TypeError} If an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { expectLog, testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Fails extends RequestHandler {
 *   override get() {
 *     throw new Error("Too windy");
 *   }
 * }
 *
 * await using t = testServer(new Application([["/", Fails]]));
 * const line = await expectLog(/Too windy/, () => t.get("/", { status: 500 }));
 * assertEquals([line.logger, line.level], ["gustnado.application", "error"]);
 * ```
 *
 * @category Testing
 */
export async function expectLog(
  expected: RegExp | ExpectedLog,
  fn: () => unknown,
): Promise<LogLine> {
  const line = expected instanceof RegExp ? { pattern: expected } : expected;
  checkOptions(line, EXPECTED);
  if (current !== undefined) return await expectIn(current, line, fn);
  using capture = OpenCapture.begin(false);
  return await expectIn(capture, line, fn);
}

async function expectIn(
  capture: LogCapture,
  expected: ExpectedLog,
  fn: () => unknown,
): Promise<LogLine> {
  await fn();
  return await capture.take(expected);
}

/** What every {@linkcode LogCapture} is in truth. */
class OpenCapture implements LogCapture {
  readonly lines: LogLine[] = [];
  readonly #unexpected = new Set<LogLine>();
  readonly #arrivals = new EventTarget();
  readonly #isStrict: boolean;
  readonly #former = getConfig();

  private constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
    configureSync({
      reset: true,
      sinks: { capture: (record) => this.#add(toLine(record)) },
      loggers: [
        { category: [], sinks: ["capture"], lowestLevel: "trace" },
        { category: ["logtape", "meta"], sinks: ["capture"], lowestLevel: "warning" },
      ],
    });
  }

  /** Begins to capture. */
  static begin(isStrict: boolean): OpenCapture {
    if (current !== undefined) {
      throw new Error("Cannot capture logs twice: end the other one first");
    }
    return current = new OpenCapture(isStrict);
  }

  async take(expected: ExpectedLog): Promise<LogLine> {
    const deadline = AbortSignal.timeout(ARRIVAL);
    for (;;) {
      const line = [...this.#unexpected].find((line) => fits(line, expected));
      if (line !== undefined) {
        this.#unexpected.delete(line);
        return line;
      }
      if (deadline.aborted) throw this.#missing(expected);
      await this.#arrival(deadline);
    }
  }

  [Symbol.dispose](): void {
    if (current !== this) return;
    current = undefined;
    if (this.#former === null) resetSync();
    else configureSync({ ...this.#former, reset: true });
    const alarms = [...this.#unexpected].filter(isAlarm);
    if (!this.#isStrict || alarms.length === 0) return;
    throw new Error(`Unexpected in the log:\n${alarms.map(format).join("\n")}`);
  }

  #add(line: LogLine): void {
    this.lines.push(line);
    this.#unexpected.add(line);
    this.#arrivals.dispatchEvent(new Event("arrival"));
  }

  #arrival(deadline: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => resolve();
    this.#arrivals.addEventListener("arrival", done, { once: true, signal: deadline });
    deadline.addEventListener("abort", done, { once: true });
    return promise;
  }

  #missing({ logger, level, pattern }: ExpectedLog): Error {
    const expected = [level ?? "any level", pattern ?? "any text", `of ${logger ?? "any logger"}`]
      .join(" ");
    const logged = this.lines.map(format).join("\n") || "nothing";
    return new Error(`Expected in the log: ${expected}; but logged was:\n${logged}`);
  }
}

function fits(line: LogLine, { logger, level, pattern }: ExpectedLog): boolean {
  const isOf = logger === undefined || line.logger === logger ||
    line.logger.startsWith(`${logger}.`);
  return isOf && (level === undefined || line.level === level) &&
    (pattern === undefined ||
      [line.message, textOf(line)].some((text) => text.search(pattern) !== -1));
}

function toLine({ category, level, message, properties: { reason } }: LogRecord): LogLine {
  const line = { logger: category.join("."), level, message: message.map(toText).join("") };
  return typeof reason === "string" && line.logger === ACCESS ? { ...line, reason } : line;
}

function textOf({ message, reason }: LogLine): string {
  return reason === undefined ? message : `${message}: ${reason}`;
}

function toText(value: unknown): string {
  if (value instanceof Error) return value.stack ?? String(value);
  return typeof value === "object" && value !== null ? jsonOf(value) : String(value);
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return String(value);
  }
}

/** The access log only repeats the status of a response, which is the test's own to look at. */
function isAlarm({ level, logger }: LogLine): boolean {
  return compareLogLevel(level, "warning") >= 0 && logger !== ACCESS;
}

function format(line: LogLine): string {
  return `[${line.logger}] ${line.level}: ${textOf(line)}`;
}
