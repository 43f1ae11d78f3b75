/**
 * `Deno.test` as test files use it, inside workerd: tests register as the files are loaded, and a request
 * runs those of a file.
 *
 * @module
 */

/** What became of a test. */
export interface WorkerTestResult {
  readonly name: string;
  /** Why it failed; `null` if it passed, or was skipped. */
  readonly error: string | null;
  /** Which of the patterns of what is not run has its name; `null` if it was run. */
  readonly skippedBy: number | null;
}

type TestFunction = (context: TestContext) => void | Promise<void>;

interface TestDefinition {
  readonly name: string;
  readonly fn: TestFunction;
  readonly ignore?: boolean;
}

/** What a test is given. */
interface TestContext {
  readonly name: string;
  step(name: string | TestDefinition | TestFunction, fn?: TestFunction): Promise<boolean>;
}

type Hook = () => unknown;
type HookName = "beforeAll" | "beforeEach" | "afterEach" | "afterAll";

/** What a file has registered. */
class TestFile {
  readonly tests: TestDefinition[] = [];
  readonly hooks: Readonly<Record<HookName, Hook[]>> = {
    beforeAll: [],
    beforeEach: [],
    afterEach: [],
    afterAll: [],
  };
}

/** Milliseconds that a test may take. */
const TIME_LIMIT = 30_000;

/** What modules that several files share register holds for all of these. */
const shared = new TestFile();
const files = new Map<string, () => Promise<unknown>>();
let current = shared;

/**
 * Names a file.
 *
 * @param load Loads it. That happens in a request: only there are timers and random values.
 */
export function addFile(name: string, load: () => Promise<unknown>): void {
  files.set(name, load);
}

/** `Deno.test`. */
export const register: (first: unknown, second?: unknown, third?: unknown) => void = Object.assign(
  (first: unknown, second?: unknown, third?: unknown) => {
    const test = definitionOf(first, second, third);
    if (test.ignore !== true) current.tests.push(test);
  },
  { ignore: () => {} },
  hook("beforeAll"),
  hook("beforeEach"),
  hook("afterEach"),
  hook("afterAll"),
);

function hook<Name extends HookName>(name: Name): Record<Name, (fn: Hook) => void> {
  return { [name]: (fn: Hook) => void current.hooks[name].push(fn) } as Record<
    Name,
    (fn: Hook) => void
  >;
}

function definitionOf(...parts: unknown[]): TestDefinition {
  const isFunction = (part: unknown): part is TestFunction => typeof part === "function";
  const fn = parts.find(isFunction);
  const name = parts.find((part) => typeof part === "string");
  const options = parts.find((part): part is Partial<TestDefinition> =>
    typeof part === "object" && part !== null
  );
  const test = { fn, ...options };
  if (test.fn === undefined) throw new TypeError("Cannot register a test without a function");
  return { ...test, fn: test.fn, name: name ?? test.name ?? test.fn.name };
}

/**
 * Runs the tests of a file, one after the other.
 *
 * @param name The file.
 * @param tests The names of those that are asked for, and of those among them that are not run.
 */
export async function runFile(
  name: string,
  { only, skipped }: { readonly only: readonly RegExp[]; readonly skipped: readonly RegExp[] },
): Promise<WorkerTestResult[]> {
  const load = files.get(name);
  if (load === undefined) throw new Error(`Cannot run ${name}: it is not in the bundle`);
  const file = current = new TestFile();
  await load();
  const results: WorkerTestResult[] = [];
  await runHooks(file, "beforeAll");
  for (const test of file.tests) {
    if (!only.some((pattern) => pattern.test(test.name))) continue;
    const by = skipped.findIndex((pattern) => pattern.test(test.name));
    const skippedBy = by < 0 ? null : by;
    const error = skippedBy === null ? await errorOf(file, test) : null;
    results.push({ name: test.name, error, skippedBy });
  }
  await runHooks(file, "afterAll");
  return results;
}

async function runHooks(file: TestFile, name: HookName): Promise<void> {
  for (const run of [...shared.hooks[name], ...file.hooks[name]]) await run();
}

async function errorOf(file: TestFile, test: TestDefinition): Promise<string | null> {
  try {
    await runHooks(file, "beforeEach");
    await inTime(test.fn(contextOf(test.name)));
    await runHooks(file, "afterEach");
    return null;
  } catch (error) {
    await runHooks(file, "afterEach").catch(() => {});
    return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
}

function contextOf(name: string): TestContext {
  return {
    name,
    async step(first, second) {
      const { fn, ignore, ...step } = definitionOf(first, second);
      if (ignore !== true) await fn(contextOf(step.name));
      return true;
    },
  };
}

const { setTimeout: setRealTimeout, clearTimeout: clearRealTimeout } = globalThis;

async function inTime(run: void | Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setRealTimeout(
    () => reject(new Error(`It takes more than ${TIME_LIMIT} ms`)),
    TIME_LIMIT,
  );
  try {
    await Promise.race([run, promise]);
  } finally {
    clearRealTimeout(timer);
  }
}
