import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { serviceTest } from "../support/services.ts";
import { inTerminal, moduleAddress } from "../support/terminal.ts";

const MAIN = moduleAddress("mod.ts");
const LOGTAPE = moduleAddress("tests/fixtures/logtape.ts");

/** A program that serves two requests. */
const PROGRAM = `
  import { Application } from ${MAIN};
  const app = new Application([["/", () => new Response("hello")]]);
  const server = app.listen(0, { handleSignals: false });
  for (const path of ["", "nowhere%1b%5b2J"]) {
    await (await fetch("http://127.0.0.1:" + server.port + "/" + path)).text();
  }
  await server.stop();
`;

serviceTest(
  "script",
  "in a terminal the address and each request are lines with colours",
  async () => {
    const [listening, hello, nowhere, ...rest] = (await inTerminal(PROGRAM)).split("\n");
    assertMatch(
      listening ?? "",
      /^\p{Cc}\[2m\d\d:\d\d:\d\d\p{Cc}\[0m \p{Cc}\[32mI\p{Cc}\[0m Listening on /u,
    );
    assertMatch(listening ?? "", / http:\/\/localhost:\d+\//);
    assertStringIncludes(hello ?? "", "\x1b[32m200\x1b[0m GET /");
    assertStringIncludes(nowhere ?? "", "\x1b[33m404\x1b[0m GET /nowhere%1b%5b2J");
    assert(nowhere?.endsWith(": no route matches the path"));
    assertEquals(rest, [""]);
  },
);

serviceTest("script", "in a terminal NO_COLOR leaves the colours out", async () => {
  const lines = await inTerminal(PROGRAM, { env: { NO_COLOR: "1" } });
  assert(!lines.includes("\x1b"));
  assertMatch(lines, /^\d\d:\d\d:\d\d I Listening on http/);
});

serviceTest("script", "in a terminal nobody is asked for a permission", async () => {
  const lines = await inTerminal(PROGRAM, { flags: ["--allow-net"] });
  assertMatch(lines, /Listening on http:\/\/localhost:\d+\/\n/);
  assert(!lines.includes("ermission"));
});

serviceTest("script", "in a terminal onListen takes the place of the line", async () => {
  const program = PROGRAM.replace(
    "handleSignals",
    "onListen() { console.log('mine'); }, handleSignals",
  );
  const [first, second] = (await inTerminal(program)).split("\n");
  assertEquals(first, "mine");
  assertStringIncludes(second ?? "", "GET /");
});

serviceTest("script", "in a terminal GUSTNADO_LOG says what is written", async () => {
  const env = { GUSTNADO_LOG: "access=off", NO_COLOR: "1" };
  assertMatch(await inTerminal(PROGRAM, { env }), /^\d\d:\d\d:\d\d I Listening on [^\n]*\n$/);
  const mistaken = await inTerminal(PROGRAM, { env: { ...env, GUSTNADO_LOG: "acess=off" } });
  assertMatch(mistaken, /^SyntaxError: Cannot use GUSTNADO_LOG=.*did you mean "access"\?\n/);
  assertStringIncludes(mistaken, "GET /nowhere");
});

serviceTest(
  "script",
  "in a terminal the library is silent where LogTape is configured",
  async () => {
    const configured = `import { configure } from ${LOGTAPE};
    await configure({
      sinks: { lines: ({ category }) => console.log(category.join(".")) },
      loggers: [{ category: ["gustnado", "general"], sinks: ["lines"] }],
    });` + PROGRAM;
    const lines = (await inTerminal(configured)).split("\n");
    assertEquals(lines.filter((line) => !line.includes("logtape")), ["gustnado.general", ""]);
  },
);

serviceTest(
  "script",
  "in a terminal LogTape that nobody has configured changes nothing",
  async () => {
    const unconfigured = `import { getLogger } from ${LOGTAPE};
    getLogger("mine").info("hello");` + PROGRAM;
    assertMatch(await inTerminal(unconfigured), /Listening on http/);
  },
);

serviceTest("script", "exception right at the start is told before the process ends", async () => {
  const program = `
    import { Application } from ${MAIN};
    class Blog extends Application {
      onStart() {
        throw new RangeError("too windy");
      }
    }
    await new Blog().fetch(new Request("http://localhost/"));
    Deno.exit(3);
  `;
  assertMatch(await inTerminal(program), /onStart\(\) failed.*\n?.*RangeError: too windy/);
});

Deno.test("without a terminal nothing is written but what went wrong, unless GUSTNADO_LOG is set", async () => {
  const run = async (env: Record<string, string>) => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--config=deno.json", PROGRAM],
      cwd: new URL("../..", import.meta.url),
      env,
    }).output();
    return new TextDecoder().decode(stderr);
  };
  assertEquals(await run({}), "");
  assertMatch(
    await run({ GUSTNADO_LOG: "warning" }),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z W 404 GET \/nowhere%1b%5b2J [\d.]+ms: no route matches the path\n$/,
  );
});
