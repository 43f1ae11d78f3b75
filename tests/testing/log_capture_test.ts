import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { configureSync, getConfig, getLogger, resetSync } from "@logtape/logtape";
import { captureLogs, expectLog } from "../../src/testing/log_capture.ts";
import { testServer } from "../../src/testing/test_server.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";

class Fails extends RequestHandler {
  override get(): void {
    throw new Error("Too windy");
  }
}

const failing = () => new Application([["/", Fails]]);

Deno.test("an error that nothing has expected fails the test at the end", async () => {
  const failure = await assertRejects(async () => {
    using _logs = captureLogs();
    await using t = testServer(failing());
    await t.get("/");
  }, Error);
  assert(failure.message.includes("Unexpected in the log:\n[gustnado.application] error:"));
});

Deno.test("an error that was expected does not, nor one of the access log", async () => {
  using logs = captureLogs();
  await using t = testServer(failing());
  const line = await expectLog({ level: "error", logger: "gustnado" }, () => t.get("/"));
  assert(line.message.includes("Error: Too windy"));
  const access = logs.lines.find(({ logger }) => logger === "gustnado.access");
  assertEquals(access?.level, "error");
});

Deno.test("an expectation takes one line: a second one needs another", async () => {
  await assertRejects(
    async () => {
      using _logs = captureLogs();
      await using t = testServer(failing());
      await expectLog(/Too windy/, async () => {
        await t.get("/");
        await t.get("/");
      });
    },
    Error,
    "Too windy",
  );
});

Deno.test("a line of the access log has the reason of a refusal, and is found by it", async () => {
  using logs = captureLogs();
  await using t = testServer(new Application());
  const expected = { logger: "gustnado.access", pattern: /: no route matches/ };
  const { message, reason } = await expectLog(expected, () => t.get("/nowhere"));
  assertMatch(message, /^404 GET \/nowhere \(127\.0\.0\.1\) \S+ms$/);
  assertEquals(reason, "no route matches the path");
  assertEquals(logs.lines.length, 1);
});

Deno.test("a capture that is not strict fails nothing", async () => {
  using logs = captureLogs({ strict: false });
  await using t = testServer(failing());
  await t.get("/");
  assert(logs.lines.length > 0);
});

Deno.test("a line that does not come is an error that tells what came", async () => {
  const wrong = [{ pattern: /Too calm/ }, { level: "fatal" }, { logger: "gust" }] as const;
  for (const expected of wrong) {
    await assertRejects(
      async () => {
        await using t = testServer(failing());
        await expectLog(expected, () => t.get("/"));
      },
      Error,
      "[gustnado.application] error: Uncaught exception",
    );
  }
});

Deno.test("a line that comes a little later is waited for", async () => {
  const line = await expectLog(/late/, () => {
    setTimeout(() => getLogger(["mine", "own"]).info("late {n}", { n: 1 }), 5);
  });
  assertEquals(line, { logger: "mine.own", level: "info", message: "late 1" });
});

Deno.test("logging is given back to who had configured it", async () => {
  const heard: string[] = [];
  configureSync({
    sinks: { own: (record) => void heard.push(record.message.join("")) },
    loggers: [{ category: [], sinks: ["own"] }],
  });
  try {
    await expectLog(/inside/, () => getLogger("mine").info("inside"));
    getLogger("mine").info("outside");
    assertEquals(heard.filter((message) => !message.includes("LogTape")), ["outside"]);
  } finally {
    resetSync();
  }
  await expectLog(/inside/, () => getLogger("mine").info("inside"));
  assertEquals(getConfig(), null);
});

Deno.test("two captures at once, and options that are wrong, are errors", async () => {
  {
    using _logs = captureLogs();
    assertThrows(() => captureLogs(), Error, "end the other one first");
  }
  assertThrows(() => captureLogs({ strickt: true } as object), TypeError, 'did you mean "strict"');
  const level = "warn" as "warning";
  await assertRejects(() => expectLog({ level }, () => {}), TypeError, "level");
});
