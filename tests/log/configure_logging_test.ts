import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { configureLogging, type LoggingOptions } from "../../src/log/configure_logging.ts";
import {
  accessLog,
  generalLog,
  isEnabled,
  logApplicationError,
  logWarning,
} from "../../src/log.ts";
import { Application } from "../../src/web/application.ts";
import { HTTPError } from "../../src/web/http_error.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { captureLogs } from "../support/log_records.ts";

/** The lines of a log file that was configured while `act` ran. */
async function linesOf(
  options: Omit<LoggingOptions, "file">,
  act: () => unknown,
): Promise<string[]> {
  const path = await Deno.makeTempFile();
  try {
    {
      using _logging = configureLogging({ ...options, file: path });
      await act();
    }
    return (await Deno.readTextFile(path)).split("\n").slice(0, -1);
  } finally {
    await Deno.remove(path);
  }
}

async function get(app: Application, path: string, init: RequestInit = {}): Promise<void> {
  const response = await app.fetch(new Request(`http://localhost${path}`, init));
  await response.body?.cancel();
}

class Main extends RequestHandler {
  override get() {
    this.getArgument("name");
  }
  override put() {
    throw new HTTPError(409, { logMessage: "Somebody was faster" });
  }
  override delete() {
    this.finish();
    throw new HTTPError(409, { logMessage: "Nobody will see it" });
  }
}

Deno.test("each request is one line, with the reason of its status", async () => {
  const app = new Application([["/", Main]]);
  const lines = await linesOf({ format: "json" }, async () => {
    await get(app, "/?name=x");
    await get(app, "/");
    await get(app, "/", { method: "PUT" });
    await get(app, "/", { method: "POST" });
    await get(app, "/nowhere");
  });
  assertEquals(
    lines.map((line) => JSON.parse(line)).map(({ logger, level, status, reason }) =>
      [logger, level, status, reason].join(" ")
    ),
    [
      "access info 200 ",
      "access warning 400 Missing argument name: it was not sent, and no default was given behind " +
      "its name",
      "access warning 409 Somebody was faster",
      'access warning 405 Main has no method for "POST", but for GET, HEAD, DELETE, PUT',
      "access warning 404 no route matches the path",
    ],
  );
});

Deno.test("reason that comes after the line of its request has a line of its own", async () => {
  const app = new Application([["/", Main]]);
  const lines = await linesOf({}, () => get(app, "/", { method: "DELETE" }));
  assertMatch(lines[0] ?? "", / I 200 DELETE \/ /);
  assertMatch(lines[1] ?? "", / W 409 DELETE \/ \(0\.0\.0\.0\): Nobody will see it$/);
});

Deno.test("reason has a line of its own where the access log is somebody else's, or off", async () => {
  class Silent extends Application {
    override logRequest() {}
  }
  const routes = [["/", Main]] as const;
  for (
    const [app, options] of [
      [new Application(routes, { logFunction() {} }), {}],
      [new Silent(routes), {}],
      [new Application(routes), { level: { access: "off" } }],
    ] as const
  ) {
    const lines = await linesOf(options, () => get(app, "/"));
    assertEquals(lines.length, 1);
    assertMatch(lines[0] ?? "", / W 400 GET \/ \(0\.0\.0\.0\): Missing argument name/);
  }
});

Deno.test("exception has its stack, and a line of its request", async () => {
  const app = new Application([["/", () => Promise.reject(new RangeError("too windy"))]]);
  const [first, second, ...rest] = await linesOf({}, () => get(app, "/"));
  assertMatch(first ?? "", / E Uncaught exception GET \/ \(0\.0\.0\.0\)$/);
  assertMatch(second ?? "", /^ {4}RangeError: too windy$/);
  assertMatch(rest.at(-1) ?? "", / E 500 GET \//);
});

Deno.test("what is below the level of its logger goes nowhere, not even on the console", async () => {
  using records = captureLogs({ configure: false });
  const level = { access: "off", application: "off", general: "error" } as const;
  const lines = await linesOf({ level }, () => {
    assertEquals([isEnabled(accessLog(), "error"), isEnabled(generalLog(), "info")], [
      false,
      false,
    ]);
    assertEquals([isEnabled(generalLog(), "error"), isEnabled(generalLog(), "fatal")], [
      true,
      true,
    ]);
    logApplicationError("Uncaught exception", new Error("calm"));
    logWarning("slow");
    generalLog()?.error("wrong");
  });
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0] ?? "", "wrong");
  assertEquals(records.all, []);
});

Deno.test("configured logging goes ahead of LogTape, and gives way when it is disposed", async () => {
  using records = captureLogs();
  const lines = await linesOf({ level: "debug" }, () => generalLog()?.debug("one"));
  generalLog()?.debug("two");
  assertEquals([lines.length, records.messages("gustnado.general")], [1, ["two"]]);
});

Deno.test("the outer configuration is back when an inner one is disposed, in whatever order", async () => {
  const lines = await linesOf({ level: "debug" }, async () => {
    const inner = await linesOf({}, () => generalLog()?.info("inner"));
    assertEquals(inner.length, 1);
    generalLog()?.debug("outer");
  });
  assertEquals(lines.map((line) => line.slice(25)), ["D outer"]);
});

Deno.test("mistakes in the options are errors that name them", () => {
  const configure = (options: object) => () => configureLogging(options);
  assertThrows(configure({ levle: "debug" }), TypeError, 'did you mean "level"?');
  assertThrows(configure({ level: "loud" }), TypeError, 'expected "debug", "info", "warning"');
  assertThrows(configure({ level: { acess: "off" } }), TypeError, 'did you mean "access"?');
  assertThrows(
    configure({ level: { access: "lots" } }),
    TypeError,
    'Cannot use "lots" as the logger',
  );
  assertThrows(configure({ file: "" }), TypeError, "expected a path");
  assertThrows(configure({ file: {} }), TypeError, 'Cannot log to a file without "path"');
  assertThrows(configure({ file: { path: "a", size: 1 } }), TypeError, 'option in "file" "size"');
  assertThrows(configure({ file: "/no/such/app.log" }), Error, "its folder is not there; make it");
});

Deno.test("GUSTNADO_LOG goes ahead of the program's own levels, and a mistake in it is an error", async () => {
  const variable = "GUSTNADO_LOG";
  try {
    Deno.env.set(variable, "general=debug");
    const lines = await linesOf({ level: "error" }, () => {
      generalLog()?.debug("seen");
      accessLog()?.info("unseen");
    });
    assertEquals(lines.length, 1);
    Deno.env.set(variable, "loud");
    assertThrows(() => configureLogging(), SyntaxError, 'Cannot use GUSTNADO_LOG="loud"');
  } finally {
    Deno.env.delete(variable);
  }
  assertEquals(isEnabled(accessLog(), "error"), false);
});
