/** Ctrl-C ends every example that listens, whatever its clients do. */
import { assert, assertEquals } from "@std/assert";
import { ChildProcess } from "../support/child_process.ts";
import { rawRequest, RawSocket } from "../support/raw_socket.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const SECRETS = { OPENID_ISSUER: "http://127.0.0.1:9", OPENID_KEY: "k", OPENID_SECRET: "s" };

const PAGE = "GET / HTTP/1.1\r\nHost: localhost:8888\r\n\r\n";

/** What a client asks for and does not read to the end, where it is not the first page. */
const OPEN: Readonly<Record<string, string>> = {
  "long_polling_chat.ts": "GET /messages HTTP/1.1\r\nHost: localhost:8888\r\n\r\n",
  "chat/main.ts": "GET /room?name=Ada HTTP/1.1\r\nHost: localhost:8888\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
};

/** Starts what listens, and has a test of its own in `deploy_test.ts`. */
const STARTER = "deploy/cluster.ts";

/** The programs that listen, by their paths below examples. */
function* listening(directory = EXAMPLES): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const url = new URL(isDirectory ? `${name}/` : name, directory);
    if (isDirectory) yield* listening(url);
    else if (name.endsWith(".ts")) {
      const [, main = ""] = Deno.readTextFileSync(url).split("import.meta.main");
      if (main.includes("listen(")) yield url.href.slice(EXAMPLES.href.length);
    }
  }
}

const names = [...listening()].filter((name) => name !== STARTER).sort();

Deno.test("examples that listen are known by name", () => {
  for (const name of Object.keys(OPEN)) assert(names.includes(name), name);
  assert(names.length >= 9, names.join());
});

for (const name of names) {
  Deno.test({
    name: `Ctrl-C ends examples/${name} within its grace, with a client in the middle`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using child = await ChildProcess.start(`../../examples/${name}`, {
        args: name === "api_client.ts" ? ["http://127.0.0.1:9"] : [],
        flags: [
          "--allow-read",
          "--allow-write",
          "--allow-sys",
          "--preload",
          new URL("../fixtures/any_port.ts", import.meta.url).pathname,
        ],
        env: SECRETS,
      });
      using idle = await RawSocket.connect(child.port);
      using busy = await RawSocket.connect(child.port);
      await idle.write("GET / HTTP/1.1\r\n");
      await busy.write(OPEN[name] ?? PAGE);
      // What has come before this one is being answered.
      if (name !== "tcp_echo_server.ts") await rawRequest(child.port, PAGE);
      const begun = performance.now();
      child.process.kill("SIGINT");
      const { code } = await child.process.status;
      const ms = performance.now() - begun;
      assert(ms < 9_000, `It took ${ms} ms`);
      // 130 is that of a program that does not listen to the signal.
      assertEquals([0, 130].includes(code), true, `${code}: ${await child.errors()}`);
    },
  });
}
