import { assertEquals } from "@std/assert";
import { configure, reset } from "@logtape/logtape";
import { configureSync, resetSync } from "@logtape/logtape-1";
import { Application } from "../src/web/application.ts";
import { RequestHandler } from "../src/web/request_handler.ts";
import { accessLog, generalLog, isEnabled, logApplicationError, logWarning } from "../src/log.ts";
import { captureLogs, expectLog } from "./support/log_records.ts";

Deno.test("library logs in the categories access, general and application", async () => {
  using records = captureLogs();
  accessLog()?.info("200 GET /");
  generalLog()?.info("listening");
  logApplicationError("Uncaught exception", new Error("calm"));
  await expectLog(records, "error", /calm/);
  const categories = records.all.map((record) => record.category);
  assertEquals(categories, ["gustnado.access", "gustnado.general", "gustnado.application"]);
});

Deno.test("application errors go to the console until logging is configured", async () => {
  using records = captureLogs({ configure: false });
  accessLog()?.info("200 GET /");
  generalLog()?.warn("slow");
  logApplicationError("Uncaught exception", new Error("calm"));
  const record = await expectLog(records, "error", /^Uncaught exception Error: calm/);
  assertEquals(records.all, [record]);
  assertEquals(record.category, "console");
});

Deno.test("application errors go to the console where no sink takes them", async () => {
  using records = captureLogs({ configure: false });
  await configure({
    sinks: { none() {} },
    loggers: [
      { category: "elsewhere", sinks: ["none"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    logApplicationError("Uncaught exception", new Error("calm"));
  } finally {
    await reset();
  }
  const record = await expectLog(records, "error", /^Uncaught exception Error: calm/);
  assertEquals(record.category, "console");
});

Deno.test("warnings go to stderr where no sink takes them", async () => {
  using records = captureLogs({ configure: false });
  logWarning("{not} a template");
  await expectLog(records, "warning", /^{not} a template$/);
});

Deno.test("warnings go to the sinks", async () => {
  using records = captureLogs();
  logWarning("{not} a template");
  await expectLog(records, "warning", /^{not} a template$/);
  assertEquals(records.messages("gustnado.general"), ["{not} a template"]);
});

Deno.test("LogTape 1.0 takes what its sinks are configured for, and nothing fails without", async () => {
  using records = captureLogs({ configure: false });
  const root = Symbol.for("logtape.rootLogger");
  const second = Reflect.get(globalThis, root);
  Reflect.deleteProperty(globalThis, root);
  const lines: string[] = [];
  class Failing extends RequestHandler {
    override get() {
      throw new Error("calm");
    }
  }
  const app = new Application([["/", Failing]]);
  const get = async () => {
    const response = await app.fetch(new Request("http://localhost/"));
    await response.body?.cancel();
    return response.status;
  };
  try {
    const meta = { category: ["logtape", "meta"], sinks: [] };
    const sinks = { lines: ({ level }: { level: string }) => void lines.push(level) };
    configureSync({ sinks, loggers: [meta] });
    assertEquals(typeof Reflect.get(Object(generalLog()), "isEnabledFor"), "undefined");
    assertEquals([isEnabled(generalLog(), "fatal"), await get()], [false, 500]);
    await expectLog(records, "error", /Uncaught exception .* Error: calm/);
    const configured = (lowestLevel: "error" | null) => {
      const all = { category: "gustnado", sinks: ["lines" as const], lowestLevel };
      configureSync({ reset: true, sinks, loggers: [meta, all] });
    };
    configured("error");
    assertEquals(await get(), 500);
    assertEquals(lines, ["error", "error"]);
    assertEquals(isEnabled(generalLog(), "warning"), false);
    assertEquals(isEnabled(generalLog(), "fatal"), true);
    configured(null);
    assertEquals(isEnabled(generalLog(), "fatal"), false);
  } finally {
    resetSync();
    Reflect.set(globalThis, root, second);
  }
});
