import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program, with no permission but those that are given. */
async function run(
  source: string,
  { args = [], permissions = [], env = {} }: {
    args?: readonly string[];
    permissions?: readonly string[];
    env?: Record<string, string>;
  } = {},
): Promise<Run> {
  const directory = await Deno.makeTempDir();
  try {
    const program = `${directory}/program.ts`;
    await Deno.writeTextFile(program, source);
    await Deno.writeTextFile(`${directory}/chat.toml`, "port = 'x'\n");
    const config = new URL("deno.json", ROOT).pathname;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-check",
        `--config=${config}`,
        ...permissions,
        program,
        ...args,
      ],
      cwd: directory,
      env: { NO_COLOR: "1", ...env },
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const IMPORT = `import { defineOptions } from "${new URL("src/options/mod.ts", ROOT).href}";\n`;
const PORT =
  `${IMPORT}const options = defineOptions({ port: { default: 8888, env: "CHAT_PORT", help: "where" } });
`;
const PROGRAM = `${PORT}const rest = options.parseCommandLine();
console.log(options.port, rest);
`;

Deno.test("a program without variables reads its command line without any permission", async () => {
  const source = PROGRAM.replace(', env: "CHAT_PORT"', "");
  assertEquals(await run(source, { args: ["--port=80", "a"] }), {
    code: 0,
    stdout: '80 [ "a" ]\n',
    stderr: "",
  });
});

Deno.test("a program reads the variables that its options name, and no other", async () => {
  const permissions = ["--allow-env=CHAT_PORT"];
  const env = { CHAT_PORT: "81" };
  assertEquals((await run(PROGRAM, { permissions, env })).stdout, "81 []\n");
  assertEquals(await run(PROGRAM, { permissions, env: { CHAT_PORT: "x" } }), {
    code: 2,
    stdout: "",
    stderr:
      'Cannot use "x" as the option --port in the environment variable CHAT_PORT: expected a whole number\n',
  });
});

Deno.test("a program that is told nonsense says so, and ends with 2", async () => {
  const permissions = ["--allow-env=CHAT_PORT"];
  assertEquals(await run(PROGRAM, { permissions, args: ["--prot=1"] }), {
    code: 2,
    stdout: "",
    stderr: 'Unknown option "--prot" on the command line: did you mean --port?\n',
  });
});

Deno.test("a program prints its help, and ends with 0", async () => {
  const { code, stdout, stderr } = await run(PROGRAM, { args: ["--help"] });
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "--port=INT");
});

Deno.test("a program whose file is wrong says where, and ends with 2", async () => {
  for (
    const [file, message] of [
      [
        "chat.toml",
        'Cannot use "x" as the option --port in line 1 of chat.toml: expected a whole number',
      ],
      ["none.json", "Cannot read options from none.json: there is no such file"],
      ["chat.ini", "Cannot read options from chat.ini: its name must end in .json or .toml"],
    ]
  ) {
    const source = `${PORT}await options.parseConfigFile("${file}");\nconsole.log("not here");\n`;
    const result = await run(source, { permissions: ["--allow-read"] });
    assertEquals(result, { code: 2, stdout: "", stderr: `${message}\n` });
  }
});

Deno.test("a slip of the program keeps its stack", async () => {
  const source =
    `${IMPORT}defineOptions({ a: { callback() { throw new RangeError("too windy"); } } })
  .parseCommandLine(["--a=1"]);`;
  const { code, stderr } = await run(source);
  assertEquals(code, 1);
  assertMatch(stderr, /RangeError: too windy\n[^]*program\.ts:2:/);
});

Deno.test("a program of Node reads its command line", async () => {
  const source = `const { argv, stdout, getBuiltinModule } = globalThis.process;
const process = { argv, stdout, getBuiltinModule, env: { CHAT_PORT: "2" } };
Object.defineProperty(globalThis, "process", { value: process });
getBuiltinModule("node:fs");
delete globalThis.Deno;
const { defineOptions } = await import("${new URL("src/options/mod.ts", ROOT).href}");
const options = defineOptions({ port: { default: 1, env: "CHAT_PORT" } });
console.log(options.parseCommandLine(["x"]), options.port);
console.log(options.parseCommandLine(), options.port);
`;
  const permissions = ["--allow-env", "--allow-read"];
  const { stdout, code, stderr } = await run(source, { permissions, args: ["--port=3", "x"] });
  assertEquals([stdout, code, stderr], ['[ "x" ] 2\n[ "x" ] 3\n', 0, ""]);
});
