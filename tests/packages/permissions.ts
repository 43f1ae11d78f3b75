/**
 * What each feature needs to be allowed under Deno: the rows of docs/permissions.md. Each has a program
 * that uses it and prints what came of it.
 *
 * @module
 */
import type { Service } from "../support/services.ts";

/** A row. */
export interface PermissionRow {
  /** The feature, as the page calls it. */
  readonly feature: string;
  /** The permissions, with what stands for paths and addresses in braces. */
  readonly flags: readonly string[];
  /** What has to be installed for its test. */
  readonly needs?: readonly Service[];
  /** Modules that it needs to import besides. */
  readonly imports?: string;
  /**
   * The program, in which `at(routes, settings, path)` serves an application and asks it, and `args` are
   * a folder, and the port of Redis or NATS.
   */
  readonly program: string;
  /** What it prints. */
  readonly prints: string;
}

const NET = "--allow-net={address}";
const HELLO = `class Hello extends RequestHandler { get() { this.write("hello"); } }`;

/** The rows. */
export const PERMISSIONS: readonly PermissionRow[] = [
  {
    feature: "`app.fetch()`; handlers, routes, middleware, `html`",
    flags: [],
    program: `${HELLO}
      const response = await new Application([["/", Hello]]).fetch(new Request("http://localhost/"));
      console.log(await response.text());`,
    prints: "hello",
  },
  {
    feature: "`app.listen()`; forms, event streams, WebSockets, topics in one process",
    flags: [NET],
    program: `${HELLO}
      console.log(await at([["/", Hello]], {}, "/"));`,
    prints: "hello",
  },
  {
    feature: "signed cookies, sessions in cookies, XSRF tokens, password hashes",
    flags: [NET],
    program: `class Guarded extends SessionMixin(RequestHandler) {
        async get() {
          this.session.set("name", "ada");
          this.setSignedCookie("user", "ada");
          const hash = await hashPassword("gust");
          this.write(String(this.xsrfToken !== "" && await verifyPassword("gust", hash)));
        }
      }
      const settings = { cookieSecret: "c".repeat(32), xsrfCookies: true };
      console.log(await at([["/", Guarded]], settings, "/"));`,
    prints: "true",
  },
  {
    feature: "templates from a `DictLoader` or `PrecompiledLoader`",
    flags: [NET],
    program: `class Page extends RequestHandler {
        get() { return this.render("page.html", { name: "<b>" }); }
      }
      const templateLoader = new DictLoader({ "page.html": "{{ name }}" });
      console.log(await at([["/", Page]], { templateLoader }, "/"));`,
    prints: "&lt;b&gt;",
  },
  {
    feature: "templates in files: `templatePath`",
    flags: [NET, "--allow-read={folder}/templates"],
    program: `class Page extends RequestHandler {
        get() { return this.render("page.html", { name: "<b>" }); }
      }
      console.log(await at([["/", Page]], { templatePath: folder + "/templates" }, "/"));`,
    prints: "<h1>&lt;b&gt;</h1>",
  },
  {
    feature: "static files: `staticPath`",
    flags: [NET, "--allow-read={folder}/static"],
    program: `console.log(await at([], { staticPath: folder + "/static" }, "/static/wind.txt"));`,
    prints: "north",
  },
  {
    feature: "uploads into files: `receiveUploads()`",
    flags: [NET, "--allow-write={folder}/uploads"],
    program: `class Films extends RequestHandler {
        static streamRequestBody = true;
        async post() {
          const { files } = await receiveUploads(this, { directory: folder + "/uploads" });
          this.write(String(files[0].size));
        }
      }
      const body = new FormData();
      body.set("film", new File(["x".repeat(1000)], "twister.mp4"));
      console.log(await at([["/", Films]], {}, "/", { method: "POST", body }));`,
    prints: "1000",
  },
  {
    feature: "logs in a file: `configureLogging({ file })`",
    flags: ["--allow-read={folder}/logs", "--allow-write={folder}/logs"],
    program: `configureLogging({ file: { path: folder + "/logs/app.log", maxBytes: 1024 } });
      class Fail extends RequestHandler { get() { throw new Error("x".repeat(600)); } }
      const app = new Application([["/", Fail]]);
      for (let i = 0; i < 9; i++) await app.fetch(new Request("http://localhost/"));
      console.log("open");`,
    prints: "open",
  },
  {
    feature: "HTTP client: `AsyncHTTPClient`",
    flags: ["--allow-net={address}"],
    program: `${HELLO}
      const server = new Application([["/", Hello]]).listen(0, { hostname: "127.0.0.1" });
      const { body } = await new AsyncHTTPClient().fetch("http://127.0.0.1:" + server.port + "/");
      console.log(new TextDecoder().decode(body));
      await server.shutdown();`,
    prints: "hello",
  },
  {
    feature: "options from the environment",
    flags: ["--allow-env=PORT"],
    imports: `import { defineOptions } from "@gustnado/gustnado/options";`,
    program: `const options = defineOptions({ port: { default: 8888, env: "PORT" } });
      options.parseCommandLine([]);
      console.log(options.port);`,
    prints: "8080",
  },
  {
    feature: "sessions in Deno KV: `DenoKvSessionStore`",
    flags: [NET, "--allow-read={folder}/kv", "--allow-write={folder}/kv"],
    program: `using kv = await Deno.openKv(folder + "/kv/sessions");
      class Visits extends SessionMixin(RequestHandler) {
        get() { this.session.set("a", 1); this.write("kept"); }
      }
      const session = { store: new DenoKvSessionStore(kv) };
      console.log(await at([["/", Visits]], { session, cookieSecret: "c".repeat(32) }, "/"));`,
    prints: "kept",
  },
  {
    feature: "topics over Redis: `redisBroker()`",
    flags: [NET, "--allow-net={engine}"],
    needs: ["redis-server"],
    imports: `import { redisBroker } from "@gustnado/gustnado/redis";`,
    program: `await publish(redisBroker({ url: "redis://127.0.0.1:" + port }));`,
    prints: "true",
  },
  {
    feature: "topics over NATS: `natsBroker()`",
    flags: [NET, "--allow-net={engine}"],
    needs: ["nats-server"],
    imports: `import { natsBroker } from "@gustnado/gustnado/nats";`,
    program: `await publish(natsBroker({ servers: "127.0.0.1:" + port }));`,
    prints: "true",
  },
];
