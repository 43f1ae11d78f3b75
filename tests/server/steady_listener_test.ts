import { assert, assertEquals, assertMatch } from "@std/assert";
import { SteadyListener } from "../../src/server/steady_listener.ts";
import type { ListenAddress, PlatformServer } from "../../src/platform/platform.ts";
import { ChildProcess } from "../support/child_process.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { rawRequest } from "../support/raw_socket.ts";

const REQUEST = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

Deno.test({
  name:
    "server that runs out of file descriptors serves again when there are some, and says so once",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using child = await ChildProcess.start("life_server.ts", {
      args: ["kept"],
      shell: "ulimit -n 64",
    });
    const { port } = child;
    const sockets: Deno.TcpConn[] = [];
    const more = async () => {
      try {
        sockets.push(await Deno.connect({ hostname: "127.0.0.1", port }));
        return false;
      } catch {
        return true;
      }
    };
    assert(await poll(more));
    assert(sockets.length < 64);
    assert(await child.error(/^Cannot accept connections on 127\.0\.0\.1:\d+ for the moment: /));
    for (const socket of sockets) socket.close();
    const answers = async () => {
      try {
        return (await rawRequest(port, REQUEST)).text === "done";
      } catch {
        return false;
      }
    };
    assert(await poll(answers));
    assertMatch(await child.errors(), /^Cannot accept .*Too many open files.*\n$/);
    child.process.kill("SIGTERM");
    assertEquals((await child.process.status).code, 0);
  },
});

/** A server whose end the test decides. */
class FakeServer implements PlatformServer {
  readonly addr: ListenAddress = { transport: "tcp", hostname: "h", port: 1 };
  readonly end: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly finished: Promise<void> = this.end.promise;
  readonly drained: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  stopped = false;

  shutdown(): Promise<void> {
    this.stopped = true;
    this.end.resolve();
    return this.drained.promise;
  }
}

class FakeSockets {
  readonly servers: FakeServer[] = [];
  readonly former: (ListenAddress | undefined)[] = [];
  failures = 0;
  drains = true;
  serve = () => {};

  readonly open: ConstructorParameters<typeof SteadyListener>[0] = (answer, former) => {
    this.former.push(former);
    if (this.failures-- > 0) throw new Error("not yet");
    this.serve = () => void answer(new Request("http://a/"), {});
    const server = new FakeServer();
    if (this.drains) server.drained.resolve();
    this.servers.push(server);
    return server;
  };
}

const ANSWER = () => new Response();

Deno.test("socket is opened again on its address, until that succeeds", async () => {
  using records = captureLogs();
  const sockets = new FakeSockets();
  const listener = new SteadyListener(sockets.open, ANSWER);
  sockets.failures = 1;
  sockets.servers[0]?.end.reject(new Error("Too many open files"));
  assert(await poll(() => sockets.servers.length === 2));
  const { addr } = listener;
  assertEquals(sockets.former, [undefined, addr, addr]);
  await expectLog(records, "warning", /Cannot accept connections on h:1 .*: Too many open files/);
  listener.shutdown();
  await listener.finished;
  assert(sockets.servers.every(({ stopped }) => stopped));
});

Deno.test("connections of a socket that served go on, others are given up", async () => {
  using records = captureLogs();
  const sockets = new FakeSockets();
  const listener = new SteadyListener(sockets.open, ANSWER);
  sockets.serve();
  sockets.servers[0]?.end.reject(new Error("Too many open files"));
  assert(await poll(() => sockets.servers.length === 2));
  assertEquals(sockets.servers.map(({ stopped }) => stopped), [false, false]);
  sockets.servers[1]?.end.reject(new Error("Too many open files"));
  assert(await poll(() => sockets.servers.length === 3));
  assertEquals(sockets.servers.map(({ stopped }) => stopped), [false, true, false]);
  await expectLog(records, "warning", /Cannot accept/);
  assertEquals(records.all.length, 1);
  listener.shutdown();
  await listener.finished;
  assertEquals(sockets.servers.map(({ stopped }) => stopped), [true, true, true]);
});

Deno.test("socket that is shut down in the pause is not opened again", async () => {
  using records = captureLogs();
  const sockets = new FakeSockets();
  const listener = new SteadyListener(sockets.open, ANSWER);
  sockets.servers[0]?.end.reject(new Error("Too many open files"));
  await expectLog(records, "warning", /Cannot accept/);
  listener.shutdown();
  await listener.finished;
  assertEquals(sockets.servers.length, 1);
});

Deno.test("listener is finished when its connections are, of every socket it had", async () => {
  const sockets = new FakeSockets();
  sockets.drains = false;
  const listener = new SteadyListener(sockets.open, ANSWER);
  let finished = false;
  const end = listener.finished.then(() => finished = true);
  listener.shutdown();
  assert(await poll(() => sockets.servers[0]?.stopped === true));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(!finished);
  sockets.servers[0]?.drained.resolve();
  await end;
});
