import { assert } from "@std/assert";
import { serviceTest } from "../support/services.ts";

const PROGRAM = new URL("../chaos/main.ts", import.meta.url).pathname;

for (const [engine, server] of [["redis", "redis-server"], ["nats", "nats-server"]] as const) {
  serviceTest(
    [server, "nginx"],
    `nothing is lost, doubled or out of order while clients, ${engine}, nodes and nginx come and go`,
    async () => {
      const args = ["run", "--quiet", "--no-check", "-A", PROGRAM, engine, "--short"];
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args })
        .output();
      assert(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    },
  );
}
