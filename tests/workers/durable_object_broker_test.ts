import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { BrokerError } from "../../src/topics/broker/broker_error.ts";
import { DurableObjectBroker } from "../../src/workers/durable_object_broker.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";

Deno.test("broker of an object says that it is lost where there is none", async () => {
  const broker = new DurableObjectBroker();
  assertEquals([broker.status.state, broker.status.lastError], ["idle", null]);
  await assertRejects(() => broker.log.top("news"), BrokerError, "on Workers only");
  assertEquals(broker.status.state, "lost");
  assertMatch(broker.status.lastError ?? "", /on Workers only/);
  await broker.close();
  assertEquals(broker.status.state, "closed");
});

Deno.test("publication that an object does not get is logged", async () => {
  using records = captureLogs();
  new DurableObjectBroker().publish("news", "tone");
  await expectLog(records, "warning", /^Lost a publication: .*on Workers only/);
});
