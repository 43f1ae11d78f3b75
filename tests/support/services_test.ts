import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ChildServer, freePort } from "./child_server.ts";
import {
  SERVER_MODULES,
  SERVICE_PACKAGES,
  serviceTest,
  serviceTestDefinition,
  startNats,
  startNginx,
  startPython,
  startRedis,
} from "./services.ts";

const test = { services: ["nginx", "wrk"] as const, name: "a rule", fn: () => {} };

Deno.test("service test runs where its services are installed", () => {
  const definition = serviceTestDefinition(test, { isInstalled: () => true, mustRun: false });
  assertEquals(definition, { name: "a rule [needs nginx, wrk]", fn: test.fn });
});

Deno.test("service test is ignored where one of its services is missing", () => {
  const isInstalled = (service: string) => service !== "wrk";
  const definition = serviceTestDefinition(test, { isInstalled, mustRun: false });
  assertEquals(definition.ignore, true);
  assertEquals(definition.name, "a rule [needs nginx, wrk]");
});

Deno.test("service test fails where a service is missing and every test must run", async (t) => {
  const isInstalled = (service: string) => service !== "nginx";
  const definition = serviceTestDefinition(test, { isInstalled, mustRun: true });
  assertEquals(definition.ignore, undefined);
  const error = await assertRejects(async () => await definition.fn(t), Error);
  assertMatch(error.message, /needs nginx: not installed.*apt-get install .*nginx-light/);
});

Deno.test("service test says how to install what is of npm", async (t) => {
  const conditions = { isInstalled: () => false, mustRun: true };
  const ofNpm = serviceTestDefinition({ ...test, services: "workerd" }, conditions);
  const error = await assertRejects(async () => await ofNpm.fn(t), Error);
  assertMatch(error.message, /needs workerd: not installed.*Install with: deno task peers$/);
});

Deno.test("continuous integration installs the Debian package of every service", async () => {
  const script = await Deno.readTextFile(new URL("../../.ci/run", import.meta.url));
  for (const name of Object.values(SERVICE_PACKAGES)) {
    assertMatch(script, new RegExp(`^ *${name}$`, "m"));
  }
});

Deno.test("a task fetches no server of the tests, whose packages have a lock of their own", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
  const [ours, peers] = [await read("deno.lock"), await read("tests/peers/deno.lock")];
  for (const name of SERVER_MODULES) {
    assertStringIncludes(peers, `"npm:${name}@`);
    assert(!ours.includes(`"npm:${name}@`), name);
  }
  // A program of a platform is the mark of what is large. That of esbuild builds applications.
  const { npm } = JSON.parse(ours) as { npm: Record<string, { readonly cpu?: unknown }> };
  const programs = Object.keys(npm).filter((name) => npm[name]?.cpu !== undefined);
  assertEquals(programs.filter((name) => !name.startsWith("@esbuild/")), []);
});

serviceTest("redis-server", "redis starts empty and answers a ping", async () => {
  await using redis = await startRedis();
  assertEquals(await exchange(redis.port, "PING\r\nDBSIZE\r\n", "\r\n:"), "+PONG\r\n:0\r\n");
});

serviceTest("redis-server", "a server starts again on the port of an earlier one", async () => {
  const first = await startRedis();
  await first.stop();
  await using second = await startRedis({ port: first.port });
  assertEquals(await exchange(second.port, "PING\r\n", "\r\n"), "+PONG\r\n");
});

serviceTest("nats-server", "nats greets with its information", async () => {
  await using nats = await startNats();
  assertStringIncludes(await exchange(nats.port, "", "\r\n"), `"port":${nats.port}`);
});

serviceTest("nginx", "nginx serves the given configuration", async () => {
  await using nginx = await startNginx("location / { return 200 $word; }", {
    http: "map $request_method $word { GET gust; }",
  });
  const response = await fetch(`http://127.0.0.1:${nginx.port}/`);
  assertEquals(await response.text(), "gust");
});

serviceTest("python3-tornado", "python runs a Tornado server", async () => {
  await using python = await startPython(`
import asyncio, sys, tornado.web

class MainHandler(tornado.web.RequestHandler):
    def get(self):
        self.write("Hello, " + tornado.version)

async def main():
    tornado.web.Application([("/", MainHandler)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()

asyncio.run(main())
`);
  const response = await fetch(`http://127.0.0.1:${python.port}/`);
  assertMatch(await response.text(), /^Hello, \d+\.\d+/);
});

Deno.test("child server removes its directory and frees its port when it stops", async () => {
  const server = await ChildServer.start({ program: Deno.execPath(), args: denoServer });
  const { port, directory } = server;
  await server.stop();
  await assertRejects(() => Deno.stat(directory), Deno.errors.NotFound);
  await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }));
});

Deno.test("child server that ends at once is reported with what it printed", async () => {
  const args = () => ["eval", "console.log('no room'); Deno.exit(1)"];
  const start = () => ChildServer.start({ program: Deno.execPath(), args, port: freePort() });
  const error = await assertRejects(start, Error, "it ended");
  assert(error.message.endsWith("no room\n"), error.message);
});

function denoServer({ port }: { port: number }): string[] {
  return ["eval", `Deno.serve({ hostname: "127.0.0.1", port: ${port} }, () => new Response())`];
}

/** Sends text and returns what is answered, once that holds a given text. */
async function exchange(port: number, sent: string, awaited: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(sent));
  const chunk = new Uint8Array(4096);
  let answer = "";
  while (!answer.includes(awaited)) {
    const length = await connection.read(chunk);
    if (length === null) break;
    answer += new TextDecoder().decode(chunk.subarray(0, length));
  }
  return answer;
}
