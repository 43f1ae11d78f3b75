import { assertEquals } from "@std/assert";
import { configure, reset } from "@logtape/logtape";
import { accessLog, generalLog, logApplicationError } from "../../src/tools/log.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

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
