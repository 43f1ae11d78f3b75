/**
 * How large applications are for Workers: minified and compressed bytes, as JSON. `build` is what
 * `./build` makes; `bundle` is what esbuild makes of the package as npm has it, and `wrangler` the same with
 * the names of functions, which wrangler keeps. `hono` is `bundle` in Hono.
 *
 * @module
 */
import { type Plugin, stop } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build as buildApplication } from "../src/build/mod.ts";
import { BuiltPackage } from "../tests/support/built_package.ts";
import { dependenciesOutside, wranglerBundle } from "../tests/support/wrangler_bundle.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const APPLICATIONS: Readonly<Record<string, string>> = {
  hello: `import { Application, RequestHandler } from "@gustnado/gustnado";
    class Hello extends RequestHandler { get() { this.write("hi"); } }
    export default new Application([["/", Hello]]);`,
  "JSON API": `import { Application, HTTPError, RequestHandler } from "@gustnado/gustnado";
    const gusts = [];
    class Gusts extends RequestHandler {
      get() { this.write({ gusts }); }
      async post() {
        const { speed } = await this.request.json();
        if (typeof speed !== "number") throw new HTTPError(400);
        gusts.push(speed);
      }
    }
    export default new Application([["/gusts", Gusts]]);`,
  "WebSocket echo": `import { Application, WebSocketHandler } from "@gustnado/gustnado";
    class Echo extends WebSocketHandler { onMessage(message) { this.writeMessage(message); } }
    export default new Application([["/", Echo]]);`,
};

/** The same applications, where Hono has them without a package of the runtime. */
const IN_HONO: Readonly<Record<string, string>> = {
  hello: `import { Hono } from "hono";
    const app = new Hono();
    app.get("/", (c) => c.text("hi"));
    export default app;`,
  "JSON API": `import { Hono } from "hono";
    import { HTTPException } from "hono/http-exception";
    const gusts = [];
    const app = new Hono();
    app.get("/gusts", (c) => c.json({ gusts }));
    app.post("/gusts", async (c) => {
      const { speed } = await c.req.json();
      if (typeof speed !== "number") throw new HTTPException(400);
      gusts.push(speed);
      return c.body(null);
    });
    export default app;`,
  "WebSocket echo": `import { Hono } from "hono";
    import { upgradeWebSocket } from "hono/cloudflare-workers";
    const app = new Hono();
    app.get("/", upgradeWebSocket(() => ({ onMessage: (event, socket) => socket.send(event.data) })));
    export default app;`,
};

/** Finds Hono. */
const hono: Plugin = {
  name: "hono",
  setup({ onResolve }) {
    onResolve({ filter: /^hono(?:$|\/)/ }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
      sideEffects: false,
    }));
  },
};

async function sizeOf(contents: string, folder: string, keepNames = false): Promise<number> {
  const plugins = [hono, dependenciesOutside];
  const bundle = await wranglerBundle(contents, folder, { plugins, keepNames });
  return gzipSync(bundle, { level: 9 }).length;
}

async function sizeOfBuild(contents: string, folder: string): Promise<number> {
  await writeFile(join(folder, "app.js"), contents);
  const { bundle } = await buildApplication({
    entry: "app.js",
    target: "workers",
    cwd: folder,
    config: join(ROOT, "deno.json"),
  });
  return gzipSync(await readFile(bundle), { level: 9 }).length;
}

const sizes: Record<string, Readonly<Record<string, number>>> = {};
await using built = await BuiltPackage.make();
const folder = await built.linked("bundled");
const cwd = await built.place("built");
for (const [name, contents] of Object.entries(APPLICATIONS)) {
  sizes[name] = {
    build: await sizeOfBuild(contents, cwd),
    bundle: await sizeOf(contents, folder),
    wrangler: await sizeOf(contents, folder, true),
    hono: await sizeOf(IN_HONO[name] ?? "", folder),
  };
}
console.log(JSON.stringify(sizes));
await stop();
