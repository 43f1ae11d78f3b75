/**
 * How large applications are for Workers: minified and compressed bytes, as JSON. `build` is what
 * `./build` makes; the others are made by another bundler of the sources: `whole` in one file, `needed`
 * without what is imported at its first use. `hono` is the same in Hono.
 *
 * @module
 */
import { build, type Plugin, stop } from "esbuild";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import config from "../deno.json" with { type: "json" };
import { build as buildApplication } from "../src/build/mod.ts";

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

/** Finds what the names of `deno.json` stand for. What is imported at its first use is left out. */
const sources = (isWhole: boolean): Plugin => ({
  name: "sources",
  setup({ onLoad, onResolve, resolve }) {
    onResolve(
      { filter: /./ },
      async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (
          pluginData === "resolving" || kind === "entry-point"
        ) return undefined;
        if (kind === "dynamic-import" && !isWhole) return { path, external: true };
        if (path.endsWith("/runtime_platform.ts")) {
          return {
            path,
            namespace: "platform",
          };
        }
        if (path === "@gustnado/gustnado") {
          return { path: join(ROOT, config.exports["."]), sideEffects: false };
        }
        if (!path.startsWith(".")) return packaged(path);
        const found = await resolve(path, {
          kind,
          importer,
          resolveDir,
          pluginData: "resolving",
        });
        return { path: found.path, errors: found.errors, sideEffects: false };
      },
    );
    onLoad({ filter: /./, namespace: "platform" }, () => ({
      contents:
        'export { workersPlatform as runtimePlatform } from "./workers/workers_platform.ts";',
      resolveDir: join(ROOT, "src/platform"),
    }));
  },
});

/** What the package brings along; every other is a dependency, and counts for nothing here. */
function packaged(
  name: string,
): { path: string; external?: true; sideEffects?: false } {
  const comesAlong = /^(?:@std\/|acorn$|hono(?:$|\/))/.test(name);
  const url = comesAlong ? import.meta.resolve(name) : "";
  if (!url.startsWith("file:")) return { path: name, external: true };
  return { path: fileURLToPath(url), sideEffects: false };
}

async function sizeOf(contents: string, isWhole: boolean): Promise<number> {
  const { outputFiles: [file] } = await build({
    stdin: { contents, resolveDir: ROOT, sourcefile: "application.js" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    write: false,
    logLevel: "error",
    legalComments: "none",
    plugins: [sources(isWhole)],
  });
  return gzipSync(file?.contents ?? "", { level: 9 }).length;
}

async function sizeOfBuild(contents: string): Promise<number> {
  const cwd = await mkdtemp(join(tmpdir(), "gustnado-sizes-"));
  try {
    await writeFile(join(cwd, "app.js"), contents);
    const { bundle } = await buildApplication({
      entry: "app.js",
      target: "workers",
      cwd,
      config: join(ROOT, "deno.json"),
    });
    return gzipSync(await readFile(bundle), { level: 9 }).length;
  } finally {
    await rm(cwd, { recursive: true });
  }
}

const sizes: Record<string, Readonly<Record<string, number>>> = {};
for (const [name, contents] of Object.entries(APPLICATIONS)) {
  sizes[name] = {
    build: await sizeOfBuild(contents),
    needed: await sizeOf(contents, false),
    whole: await sizeOf(contents, true),
    hono: await sizeOf(IN_HONO[name] ?? "", true),
  };
}
console.log(JSON.stringify(sizes));
await stop();
