import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { websocketConnect } from "../../mod.ts";
import { build } from "../../src/build/mod.ts";
import { BuiltApplication } from "../support/built.ts";
import { ChildServer } from "../support/child_server.ts";
import { poll } from "../support/poll.ts";
import { serviceTest, startWorkerd } from "../support/services.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const ECHO = `import { Application, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";
class Hello extends RequestHandler {
  override get() {
    const groups = Map.groupBy(["a", "b"], (letter) => letter);
    this.write({ escaped: RegExp.escape("1.x"), letters: [...groups.keys()] });
  }
}
class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    this.writeMessage(message);
  }
}
const app = new Application([["/", Hello], ["/echo", Echo]]);
if (import.meta.main) app.listen(8888);
export default app;
`;

const ANSWER = { escaped: "\\x31\\.x", letters: ["a", "b"] };

/** The chat of the examples, built for a target until it is disposed. */
async function buildChat(target: "workers" | "deno"): Promise<AsyncDisposable & { code: string }> {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  const { bundle } = await build({
    entry: "examples/chat/app.ts",
    target,
    cwd: ROOT,
    out: `${folder}/dist`,
  });
  return {
    code: await Deno.readTextFile(bundle),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

serviceTest(
  "workerd",
  "the chat runs in workerd: its page, its files and its messages",
  async () => {
    await using chat = await buildChat("workers");
    assertNotMatch(chat.code, /new Function|\beval\(|parseExpressionAt/);
    await using worker = await startWorkerd({ "worker.js": chat.code });
    const origin = `http://127.0.0.1:${worker.port}`;
    const page = await fetch(origin);
    const html = await page.text();
    assertEquals(page.status, 200);
    const [url = ""] = /\/static\/chat\.css\?v=[\w-]+/.exec(html) ?? [];
    const css = await fetch(origin + url);
    assertEquals(
      await css.text(),
      await Deno.readTextFile(`${ROOT}examples/chat/static/chat.css`),
    );
    assertMatch(css.headers.get("cache-control") ?? "", /immutable|max-age=31/);
    await using socket = await websocketConnect(`${origin.replace("http", "ws")}/room?name=Ada`, {
      protocols: ["gustnado.v1.json"],
    });
    socket.writeMessage([
      '{"type":"hello"}',
      '{"type":"subscribe","id":1,"topic":"room"}',
      '{"type":"publish","id":2,"topic":"room","data":{"key":"k","text":"Gusty today"}}',
    ].join("\n"));
    let said = "";
    while (!said.includes("Gusty today")) {
      const message = await socket.readMessage();
      assert(message !== null, said);
      said += message;
    }
    assertMatch(said, /"type":"welcome".*"type":"message"/s);
  },
);

serviceTest(
  "workerd",
  "WebSockets run in workerd, and what nothing names is left out",
  async () => {
    await using application = await BuiltApplication.write({ "app.ts": ECHO });
    const { files, leftOut } = await application.build({ target: "workers" });
    assertEquals(files, ["app.js", "wrangler.jsonc"]);
    assert(leftOut.length > 50);
    await using worker = await startWorkerd({ "worker.js": await application.bundle() });
    const hello = await fetch(`http://127.0.0.1:${worker.port}/`);
    assertEquals(await hello.json(), ANSWER);
    await using socket = await websocketConnect(`ws://127.0.0.1:${worker.port}/echo`);
    socket.writeMessage("gust");
    assertEquals(await socket.readMessage(), "gust");
  },
);

serviceTest("workerd", "lines of JSON are nothing but JSON in workerd", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application, configureLogging, RequestHandler } from "@gustnado/gustnado";
configureLogging({ format: "json" });
export default new Application([["/", RequestHandler]]);
`,
  });
  await application.build({ target: "workers" });
  await using worker = await startWorkerd({ "worker.js": await application.bundle() });
  await (await fetch(`http://127.0.0.1:${worker.port}/`)).text();
  assert(await poll(() => worker.output.includes("405")));
  const line = worker.output.split("\n").find((each) => each.includes("405")) ?? "";
  assertEquals(JSON.parse(line).status, 405);
});

Deno.test("classes that Workers instantiate are exported and configured", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { DurableObject } from "cloudflare:workers";
import { Application, RequestHandler } from "@gustnado/gustnado";
export class ChatRoom extends DurableObject {
  fetch() {
    return new Response("room");
  }
}
export class Home extends RequestHandler {}
export const limit = 5;
export default new Application([["/", Home]]);
`,
  });
  await application.build({ target: "workers", minify: false });
  const [exported = ""] = /export \{[^}]*\};\s*$/.exec(await application.bundle()) ?? [];
  assertEquals(exported.match(/\w+(?=,?\n)/g), ["ChatRoom", "default"]);
  const config = JSON.parse(await Deno.readTextFile(`${application.folder}/dist/wrangler.jsonc`));
  assertEquals(config.durable_objects, {
    bindings: [{ name: "CHAT_ROOM", class_name: "ChatRoom" }],
  });
});

Deno.test("Workers may serve static files from a folder, large ones too", async () => {
  await using application = await BuiltApplication.write({
    "app.ts": `import { Application } from "@gustnado/gustnado";
export default new Application([], { staticPath: "files", staticUrlPrefix: "/s/" });
`,
    "files/deep/a.css": "a {}",
    "files/robots.txt": "",
    "files/large.bin": new Uint8Array(3000),
  });
  const options = { target: "workers", assetsIn: "folder", maxFileSize: 2000 } as const;
  const { files, assets, notes } = await application.build(options);
  assertEquals(files, [
    "app.js",
    "assets/robots.txt",
    "assets/s/deep/a.css",
    "assets/s/large.bin",
    "assets/s/robots.txt",
    "wrangler.jsonc",
  ]);
  assertEquals([assets.length, notes], [2, []]);
  const config = JSON.parse(await Deno.readTextFile(`${application.folder}/dist/wrangler.jsonc`));
  assertEquals(config.assets, { directory: "assets", binding: "ASSETS" });
});

Deno.test("deno serve runs a bundle with the permission of its port alone", async () => {
  await using application = await BuiltApplication.write({ "app.ts": ECHO });
  await application.build();
  await using server = await ChildServer.start({
    program: Deno.execPath(),
    args: ({ port }) => [
      ...["serve", "--quiet", "--no-config", "--no-check", "--no-prompt", "--host=127.0.0.1"],
      ...[`--port=${port}`, `${application.folder}/dist/app.js`],
    ],
  });
  assertEquals(await (await fetch(`http://127.0.0.1:${server.port}/`)).json(), ANSWER);
  await using socket = await websocketConnect(`ws://127.0.0.1:${server.port}/echo`);
  socket.writeMessage("gust");
  assertEquals(await socket.readMessage(), "gust");
});

const NODE = "/usr/bin/env";
const hasNodePlatform = await exists(`${ROOT}src/platform/node/node_platform.ts`);
const hasNode = await new Deno.Command(NODE, { args: ["node", "--version"], stderr: "null" })
  .output()
  .then(({ success }) => success, () => false);

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test({
  name: "Node runs a bundle, with a port of its environment",
  ignore: !hasNode || !hasNodePlatform,
  fn: async () => {
    await using application = await BuiltApplication.write({ "app.ts": ECHO });
    const { files } = await application.build({ target: "node" });
    assertEquals(files, ["app.js", "package.json"]);
    await using server = await ChildServer.start({
      program: NODE,
      args: (
        { port },
      ) => [`PORT=${port}`, "HOST=127.0.0.1", "node", `${application.folder}/dist/app.js`],
    });
    assertEquals(await (await fetch(`http://127.0.0.1:${server.port}/`)).json(), ANSWER);
    await using socket = await websocketConnect(`ws://127.0.0.1:${server.port}/echo`);
    // `ws` asks for a package that is not there when it unmasks a long one.
    for (const text of ["gust", "gust".repeat(20)]) {
      socket.writeMessage(text);
      assertEquals(await socket.readMessage(), text);
    }
  },
});

Deno.test({
  name: "Node loads a bundle, and refuses a port that makes no sense",
  ignore: !hasNode,
  fn: async () => {
    await using application = await BuiltApplication.write({ "app.ts": ECHO });
    await application.build({ target: "node" });
    const { code, stderr } = await new Deno.Command(NODE, {
      args: ["PORT=http", "node", `${application.folder}/dist/app.js`],
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr).trim()], [
      1,
      'Cannot listen on port "http": PORT must be from 0 to 65535',
    ]);
  },
});

Deno.test({
  name: "functions that Node 20 lacks are in the bundle, and no global is changed",
  ignore: !hasNode,
  fn: async () => {
    await using application = await BuiltApplication.write({ "app.ts": ECHO });
    await application.build({ target: "node" });
    await application.put(
      "ask.mjs",
      `process.env.PORT = "none";
console.error = () => {};
const before = Object.getOwnPropertyNames(RegExp).join();
await import("./dist/app.js");
console.log(before === Object.getOwnPropertyNames(RegExp).join());
process.exitCode = 0;
`,
    );
    const { stdout } = await new Deno.Command(NODE, {
      args: ["node", `${application.folder}/ask.mjs`],
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), "true");
    assertNotMatch(
      await application.bundle(),
      /RegExp\.escape|Map\.groupBy|Promise\.withResolvers/,
    );
  },
});
