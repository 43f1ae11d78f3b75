/** Without a file descriptor left, the runtime panics where it would read a source map for a stack. */
import { assertEquals, assertMatch } from "@std/assert";
import { logApplicationError } from "../../src/log.ts";
import { ChildProcess } from "../support/child_process.ts";
import { captureLogs } from "../support/log_records.ts";
import { RawSocket } from "../support/raw_socket.ts";

Deno.test({
  name: "server whose handlers fail while there are no file descriptors lives, and logs the errors",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using child = await ChildProcess.start("full_server.ts", {
      flags: ["--allow-read"],
      shell: "ulimit -n 64",
    });
    using socket = await RawSocket.connect(child.port);
    const statuses: number[] = [];
    for (const what of ["fill", "mounted", "read", "fail", "lost", "free", "done"]) {
      await socket.write(`GET /${what} HTTP/1.1\r\nHost: h\r\n\r\n`);
      statuses.push((await socket.readResponse()).status);
    }
    assertEquals(statuses, [200, 200, 500, 500, 200, 200, 200]);
    await child.error(/lost on purpose/);
    child.process.kill("SIGTERM");
    assertEquals((await child.process.status).code, 0);
    const errors = await child.errors();
    assertMatch(errors, /on purpose[^]*Too many open files/);
    assertMatch(errors, /lost on purpose/);
  },
});

Deno.test("error for want of file descriptors is logged without its stack, others too for a while", async () => {
  using records = captureLogs();
  const others = [new Error("before"), new Error("after")] as const;
  assertMatch(others[0].stack ?? "", /\n {4}at /);
  const error = new Error("Too many open files (os error 24)");
  try {
    logApplicationError("Cannot serve", error);
    for (const each of [error, others[1]]) {
      assertMatch(each.stack ?? "", /\n {4}at .*out_of_files_test/);
      assertEquals(/:\d+:\d+/.test(each.stack ?? ""), false);
    }
    await records.expect(({ message }) => message.includes("Too many open files"), {
      description: "the error",
    });
  } finally {
    Reflect.deleteProperty(Error, "prepareStackTrace");
  }
});
