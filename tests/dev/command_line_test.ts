import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseCommand } from "../../src/dev/command_line.ts";

const PROGRAM = new URL("../../src/dev/mod.ts", import.meta.url).pathname;

async function run(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const command = ["run", "--allow-all", "--no-check", "--quiet", PROGRAM, ...args];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: command })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), errors: text(stderr) };
}

Deno.test("what stands before the file is for the program or for deno run, the rest is for it", () => {
  const args = [
    "--port=9000",
    "--allow-net",
    "--watch=data,x.csv",
    "--poll",
    "main.ts",
    "--port=1",
  ];
  assertEquals(parseCommand(args), {
    main: "main.ts",
    args: ["--port=1"],
    flags: ["--allow-net"],
    watch: ["data", "x.csv"],
    poll: 500,
    port: 9000,
    hostname: "127.0.0.1",
  });
});

Deno.test("without a permission the application gets all of them", () => {
  assertEquals(parseCommand(["--check", "main.ts"]).flags, ["-A", "--check"]);
  assertEquals(parseCommand(["-R", "main.ts"]).flags, ["-R"]);
});

Deno.test("command line that makes no sense is an error that names the way out", () => {
  const cases: [string[], RegExp][] = [
    [[], /name a file/],
    [["--port=0", "main.ts"], /expected a whole number from 1 to 65535/],
    [["--port", "main.ts"], /write --port=… with a value/],
    [["--poll=soon", "main.ts"], /whole milliseconds from 10/],
  ];
  for (const [args, message] of cases) {
    const { message: given } = assertThrows(() => parseCommand(args), TypeError);
    assert(message.test(given), given);
  }
});

Deno.test("program that is told nonsense says so, and exits with 2", async () => {
  const { code, errors } = await run("--port=none", "main.ts");
  assertEquals([code, errors], [
    2,
    "Cannot use --port=none: expected a whole number from 1 to 65535\n",
  ]);
});

Deno.test("help of the program names every option", async () => {
  const { code, out } = await run("--help");
  assertEquals(code, 0);
  for (const name of ["watch", "poll", "port", "hostname"]) assert(out.includes(`--${name}`));
});
