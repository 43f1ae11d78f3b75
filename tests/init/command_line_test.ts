import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type InitCommand, parseCommand } from "../../src/init/command_line.ts";
import { TEMPLATES } from "../../src/init/project_template.ts";
import { onPath } from "../bench/contenders.ts";
import { runInit } from "../support/init_program.ts";

/** What is typed, what the program ends with, and what it says. */
const ANSWERS: readonly [line: string, code: number, said: RegExp][] = [
  ["\n", 0, /my-app is made, from the template api/],
  ["3\n", 0, /my-app is made, from the template site/],
  ["chat\n", 0, /my-app is made, from the template chat/],
  ["4\n", 2, /Unknown template "4": expected api, chat, site/],
  ["\x04", 2, /Cannot go on without an answer: give --template/],
];

/** A folder, gone when it is disposed. */
class TestFolder implements AsyncDisposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "gustnado-" });

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("command line is read in any order, with or without an equals sign", () => {
  const expected: InitCommand = {
    folder: "my-app",
    options: { template: "chat", local: "../gustnado", force: true },
  };
  const lines = [
    ["my-app", "--template", "chat", "--local", "../gustnado", "--force"],
    ["--force", "--local=../gustnado", "--template=chat", "my-app"],
  ];
  for (const line of lines) assertEquals(parseCommand(line), expected);
});

Deno.test("command line that is nonsense says how it is meant", () => {
  const messages = {
    "": "Cannot make a project without a name: see --help",
    "a b": 'Cannot make two projects at once, "a" and "b"',
    "a --tempate chat": "Unknown option --tempate: see --help",
    "a -t chat": "Unknown option -t: see --help",
    "a --template": "Cannot use --template: a value has to follow it",
    "a --template --force": "Cannot use --template: a value has to follow it",
    "a --template blog": 'Unknown template "blog": expected api, chat, site',
    "a --template constructor": 'Unknown template "constructor": expected api, chat, site',
  };
  for (const [line, message] of Object.entries(messages)) {
    const args = line.split(" ").filter((arg) => arg !== "");
    assertThrows(() => parseCommand(args), TypeError, message);
  }
});

Deno.test("help names every option and every template", async () => {
  const { code, out } = await runInit(["--help"], { permissions: [] });
  assertEquals(code, 0);
  for (const name of ["--template", "--force", "--local", ...Object.keys(TEMPLATES)]) {
    assert(out.includes(name), name);
  }
});

Deno.test("program says what to do next, and takes the API where nobody can be asked", async () => {
  await using folder = new TestFolder();
  const { code, out, errors } = await runInit(["my-app"], { cwd: folder.path });
  assertEquals([code, errors], [0, ""]);
  assertMatch(
    out,
    /my-app is made, from the template api:\n\n {2}cd my-app\n {2}deno task dev/,
  );
});

Deno.test("program that cannot make a project says why, and exits with 2", async () => {
  await using folder = new TestFolder();
  const { path } = folder;
  await Deno.mkdir(`${path}/taken`);
  await Deno.writeTextFile(`${path}/taken/main.ts`, "mine");
  await Deno.writeTextFile(`${path}/file`, "mine");
  const messages: [args: string[], message: RegExp][] = [
    [["taken"], /^Cannot make a project in ".*\/taken": there is something already; name another/],
    [["file"], /there is something already/],
    [["file/my-app"], /a file is in the way; name another folder$/],
    [["My App"], /^Cannot call a project "My App": .*; "my-app" would do$/],
    [["../.."], /^Cannot call a project /],
    [["a".repeat(65)], /at most 64 characters/],
    [["my-app", "--template", "blog"], /^Unknown template "blog"/],
    [["my-app", "--tempate=chat"], /^Unknown option --tempate: see --help$/],
    [["my-app", "--local", "."], /^Cannot use the checkout ".*": there is no deno.json of /],
  ];
  for (const [args, message] of messages) {
    const { code, out, errors } = await runInit(args, { cwd: path });
    assertEquals([args, code, out], [args, 2, ""]);
    assertMatch(errors.trimEnd(), message);
  }
  assertEquals(await Deno.readTextFile(`${path}/taken/main.ts`), "mine");
  assertEquals(Array.from(Deno.readDirSync(path), ({ name }) => name).sort(), ["file", "taken"]);
});

Deno.test("program that may not write says what it needs", async () => {
  await using folder = new TestFolder();
  const reading = { cwd: folder.path, permissions: ["--allow-read"] };
  const { code, errors } = await runInit(["my-app"], reading);
  assertEquals(code, 2);
  assertMatch(errors, /the program may not; run it with --allow-read and --allow-write, or -A\n$/);
});

/** Runs the program in a terminal, and types a line when it asks. */
async function runInTerminal(line: string, cwd: string): Promise<{ code: number; out: string }> {
  const root = new URL("../../", import.meta.url).pathname;
  const program =
    `${Deno.execPath()} run -A --config ${root}deno.json ${root}src/init/mod.ts my-app`;
  const child = new Deno.Command("script", {
    args: ["-qec", program, "/dev/null"],
    cwd,
    stdin: "piped",
    stdout: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const input = child.stdin.getWriter();
  let out = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const isAsked = !out.includes("Number or name") && (out + text).includes("Number or name");
    out += text;
    if (isAsked) await input.write(new TextEncoder().encode(line));
  }
  await input.close().catch(() => {});
  return { code: (await child.status).code, out };
}

Deno.test({
  name: "program asks in a terminal what the project begins as",
  ignore: !onPath("script"),
  fn: async () => {
    for (const [line, code, said] of ANSWERS) {
      await using folder = new TestFolder();
      const result = await runInTerminal(line, folder.path);
      assertEquals([line, result.code], [line, code], result.out);
      assertMatch(result.out, said);
    }
  },
});
