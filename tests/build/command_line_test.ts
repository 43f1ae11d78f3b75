import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type BuildCommand, parseCommand } from "../../src/build/command_line.ts";
import { buildOnChange } from "../../src/build/build_watch.ts";
import type { BuildResult } from "../../src/build/mod.ts";
import { BuiltApplication } from "../support/built.ts";
import { poll } from "../support/poll.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A first build takes a second, and where many programs run at once much longer. */
const BUSY = { timeout: 60_000 };

const HELLO = `import { Application, RequestHandler } from "@gustnado/gustnado";
class Hello extends RequestHandler {
  override get() {
    this.write("Hello");
  }
}
export default new Application([["/", Hello]]);
`;

async function run(cwd: string, ...args: string[]): Promise<[code: number, said: string]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      `--config=${ROOT}deno.json`,
      `${ROOT}src/build/mod.ts`,
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1", TMPDIR: `${cwd}/temporary` },
  }).output();
  return [code, [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim()];
}

Deno.test("command line is read in any order, with or without an equals sign", () => {
  const expected: BuildCommand = {
    options: {
      entry: "app.ts",
      target: "node",
      out: "built",
      keep: ["a", "b", "c"],
      templates: ["mail", "pages"],
      maxFileSize: 2 * 1024 * 1024,
      minify: false,
    },
    watch: true,
  };
  const lines = [
    "app.ts --target node --out built --keep a,b --keep c --templates mail --templates pages " +
    "--max-file-size 2MiB --no-minify --watch",
    "--watch --templates=mail --keep=a,b --no-minify --out=built app.ts --target=node --keep=c " +
    "--max-file-size=2097152 --templates=pages",
  ];
  for (const line of lines) assertEquals(parseCommand(line.split(" ")), expected);
});

const WRONG: readonly [line: string, message: string][] = [
  ["", "Cannot build without a module: see --help"],
  ["app.ts", "Cannot build without --target: it is one of workers, deno, bun, node"],
  ["app.ts --target edge", 'Cannot build for "edge": it is one of workers, deno, bun, node'],
  ["app.ts --target", "Cannot use --target: a value has to follow it"],
  ["app.ts --target --watch", "Cannot use --target: a value has to follow it"],
  ["a.ts b.ts --target node", 'Cannot build two modules at once, "a.ts" and "b.ts"'],
  ["app.ts --target node --minify", "Unknown option --minify: see --help"],
  [
    "app.ts --target node --max-file-size big",
    'Cannot use "big" for --max-file-size: write a number',
  ],
  ["app.ts --target node --assets-in s3", 'Cannot use "s3" for --assets-in: it is embed or folder'],
];

for (const [line, message] of WRONG) {
  Deno.test(`command line "${line}" is refused`, () => {
    assertThrows(
      () => parseCommand(line.split(" ").filter((arg) => arg !== "")),
      TypeError,
      message,
    );
  });
}

Deno.test("the program tells what it has made, and what went wrong with code 1", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO, "temporary/a": "" });
  const [code, said] = await run(application.folder, "app.ts", "--target", "workers");
  assertEquals(code, 0, said);
  assertMatch(said, /^dist\/app\.js: [\d.]+ KiB, [\d.]+ KiB gzipped\n +[\d.]+ KiB {2}\S+\n/);
  assertMatch(said, /\d+ members that nothing names are left out/);
  assertMatch(said, /beside it in dist: wrangler\.jsonc\nbuilt in \d+ ms$/);
  const failed = await run(application.folder, "none.ts", "--target", "workers");
  assertEquals(failed, [1, "Cannot build none.ts: there is no such file"]);
  const misspelt = await run(application.folder, "app.ts", "--taget", "workers");
  assertEquals(misspelt, [1, "Unknown option --taget: did you mean --target?"]);
  const unnamed = await run(application.folder, "app.ts", "--target=workers", "--out=");
  assertEquals(unnamed, [1, "Cannot use --out: a value has to follow it"]);
});

Deno.test("a build leaves nothing behind, whether it succeeds, fails or takes too long", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO, "temporary/a": "" });
  const build = (...more: string[]) => run(application.folder, "app.ts", "--target=deno", ...more);
  assertEquals((await build())[0], 0);
  await application.put("app.ts", "throw new Error('too windy');");
  assertEquals(await build(), [1, "Cannot build app.ts: importing it failed: Error: too windy"]);
  await application.put("app.ts", "for (;;);");
  const [code, said] = await build("--timeout=1000");
  assertEquals(code, 1);
  assertMatch(
    said,
    /^Cannot build app\.ts: importing it took longer than 1000 ms; .*\.$|application$/,
  );
  assertEquals(application.list("temporary"), ["a"]);
  assertEquals(application.list(), ["app.ts", "dist", "temporary"]);
});

/** Builds an application whenever it changes, until `end`: what came of it so far. */
function watched(application: BuiltApplication): {
  readonly results: readonly BuildResult[];
  readonly errors: readonly string[];
  readonly end: () => Promise<void>;
} {
  const results: BuildResult[] = [];
  const errors: string[] = [];
  const controller = new AbortController();
  const watching = buildOnChange({
    entry: "app.ts",
    target: "deno",
    cwd: application.folder,
    config: `${ROOT}deno.json`,
  }, {
    onResult: (result) => void results.push(result),
    onError: (error) => void errors.push(String(error)),
    signal: controller.signal,
  });
  const end = () => {
    controller.abort();
    return watching;
  };
  return { results, errors, end };
}

Deno.test("a watched application is built again after each change, also after a failure", async () => {
  await using application = await BuiltApplication.write({ "app.ts": HELLO });
  const { results, errors, end } = watched(application);
  assertEquals(await poll(() => results.length === 1, BUSY), true);
  await changeUntil(application, "export default 5;", () => errors.length === 1);
  assertMatch(errors[0] ?? "", /no application/);
  await changeUntil(application, HELLO.replace('Hello"', 'Bye"'), () => results.length === 2);
  await end();
  assertMatch(await application.bundle(), /"Bye"/);
});

Deno.test("an application that could not be built at first is built when a module of it is mended", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import "./part.ts";\n${HELLO}`,
    "part.ts": "const {;",
  });
  const { results, errors, end } = watched(application);
  assertEquals(await poll(() => errors.length === 1, BUSY), true);
  assertMatch(errors[0] ?? "", /part\.ts:1:8/);
  await changeUntil(application, "export {};", () => results.length === 1, "part.ts");
  await end();
  assertMatch(await application.bundle(), /"Hello"/);
});

/** The watch may begin a moment after a build is over. */
async function changeUntil(
  application: BuiltApplication,
  text: string,
  isDone: () => boolean,
  path = "app.ts",
): Promise<void> {
  const deadline = Date.now() + BUSY.timeout;
  while (!isDone() && Date.now() < deadline) {
    await application.put(path, text);
    await poll(isDone, { timeout: 10_000 });
  }
}
