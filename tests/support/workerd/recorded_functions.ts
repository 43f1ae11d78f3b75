/**
 * The functions that test files make of texts: what templates compile to. Workers make none, so those that
 * the tests make on Deno are put into the bundle.
 *
 * @module
 */

/** What a file of {@link RECORDER} holds: the text of a function, or of the error that there is instead. */
export interface RecordedFunction {
  readonly body: string;
  /** Why it is none. */
  readonly error: string | null;
}

const RECORDER = new URL("function_recorder.ts", import.meta.url).pathname;
const TESTS = new URL("../../", import.meta.url).pathname;

/**
 * Runs test files, and writes a module of the functions that they have made of texts.
 *
 * @param files Their paths in `tests/`.
 * @returns The module. It has to be loaded before the tests, in workerd.
 */
export async function recordFunctions(files: readonly string[]): Promise<string> {
  // Without a name, every test would run.
  if (files.length === 0) return functionModule([]);
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  try {
    const args = ["test", "-A", "--no-check", "--quiet", `--preload=${RECORDER}`];
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [...args, ...files.map((file) => TESTS + file)],
      env: { RECORDED_FUNCTIONS: folder },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stdout));
    return functionModule(await readFunctions(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readFunctions(folder: string): Promise<RecordedFunction[]> {
  const found = new Map<string, RecordedFunction>();
  for await (const { name } of Deno.readDir(folder)) {
    const list: RecordedFunction[] = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    for (const recorded of list) found.set(recorded.body, recorded);
  }
  return [...found.values()];
}

function functionModule(functions: readonly RecordedFunction[]): string {
  const entries = functions.map(({ body, error }) => {
    const made = error === null
      ? `() => function () {${body}\n}`
      : `() => fail(${JSON.stringify(error)})`;
    return `[${JSON.stringify(body)}, ${made}],\n`;
  });
  return `const fail = (message) => { throw new SyntaxError(message); };
const known = new Map([\n${entries.join("")}]);
const Generated = globalThis.Function;
globalThis.Function = Object.assign(function Function(...parameters) {
  const body = parameters.at(-1);
  const make = parameters.length === 1 ? known.get(body) : undefined;
  return make === undefined ? Generated(...parameters) : make();
}, { prototype: Generated.prototype });
`;
}
