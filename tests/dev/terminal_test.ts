import { assert, assertMatch, assertStringIncludes } from "@std/assert";
import { serviceTest } from "../support/services.ts";
import { inTerminal, moduleAddress } from "../support/terminal.ts";

/** Runs `./dev`, asks the application for a page that is not there, and ends it. */
const PROGRAM = `
  const directory = await Deno.makeTempDir();
  const main = directory + "/main.ts";
  await Deno.writeTextFile(main, 'import { Application } from ' + JSON.stringify(${
  moduleAddress("mod.ts")
}) + ';' +
    'new Application([]).listen(0, { onListen: ({ port }) => console.log(String(port)) });');
  const config = "--config=" + new URL(${moduleAddress("deno.json")}).pathname;
  const dev = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", config, ${
  moduleAddress("src/dev/mod.ts")
}, config, "--no-check", main],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = dev.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await output.read()).value);
  await (await fetch("http://127.0.0.1:" + port + "/nowhere")).text();
  dev.kill("SIGTERM");
  while (!(await output.read()).done);
  await dev.status;
  await Deno.remove(directory, { recursive: true });
`;

serviceTest(
  "script",
  "in a terminal an application logs its requests under the command",
  async () => {
    const lines = await inTerminal(PROGRAM);
    assertStringIncludes(lines, "\x1b[33m404\x1b[0m GET /nowhere");
  },
);

serviceTest("script", "in a terminal NO_COLOR holds under the command, too", async () => {
  const lines = await inTerminal(PROGRAM, { env: { NO_COLOR: "1" } });
  assertMatch(lines, / W 404 GET \/nowhere/);
  assert(!lines.includes("\x1b"));
});
