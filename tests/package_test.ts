/** What is published: made once, into a folder of its own. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname } from "node:path";
import config from "../deno.json" with { type: "json" };
import { type CreatedProject, createProject } from "../src/init/mod.ts";
import { onPath } from "./bench/contenders.ts";
import { ChildServer } from "./support/child_server.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const DOORS = Object.entries(config.exports);

/** The door that needs esbuild, which an application does not. */
const BUILD = `${config.name}/build`;

/** A program that uses what has types of many kinds. */
const PROGRAM = `
  import { Application, HTTPError, type Route, RequestHandler, WebSocketHandler } from "@gustnado/gustnado";
  import { IOLoop } from "@gustnado/gustnado/concurrent";
  import { Template } from "@gustnado/gustnado/template";
  class Hello extends RequestHandler {
    override get(name: string): void {
      if (name === "") throw new HTTPError(404);
      this.write("Hello, " + name);
    }
  }
  class Echo extends WebSocketHandler {
    override onMessage(message: string | Uint8Array): void {
      void this.writeMessage(message);
    }
  }
  const routes: Route[] = [["/hello/:name", Hello], ["/echo", Echo]];
  export const app: Application = new Application(routes);
  export const template: Template = new Template("{{ x }}");
  export const loop: IOLoop = IOLoop.current();
  // @ts-expect-error A number is no path.
  new Application([[1, Hello]]);
`;

const HELLO = `
  import { Application, RequestHandler } from "@gustnado/gustnado";
  class Hello extends RequestHandler {
    override get() {
      this.write("Hello from the package");
    }
  }
  new Application([["/", Hello]]).listen(Number(Deno.args[0]));
`;

/** What `./testing` loads when it is opened, unlike any other door, and what that needs in its turn. */
const LOADED_BY_TESTING = [
  "@logtape/logtape",
  "@sinonjs/fake-timers",
  "@sinonjs/commons",
  "type-detect",
];

/** The package, and programs beside it. */
class Built implements AsyncDisposable {
  readonly folder: string;
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
    this.folder = `${root}/package`;
  }

  static async make(): Promise<Built> {
    const built = new Built(await Deno.makeTempDir({ prefix: "gustnado-" }));
    await run(Deno.execPath(), ["task", "--quiet", "package", built.folder], ROOT);
    return built;
  }

  /** A folder for a program, with what finds the package for it. */
  async program(name: string, text: string, manifests: Record<string, unknown>): Promise<string> {
    const folder = `${this.#root}/${name}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/main.ts`, text);
    for (const [file, content] of Object.entries(manifests)) {
      await Deno.writeTextFile(`${folder}/${file}`, JSON.stringify(content));
    }
    return folder;
  }

  /** The same as npm installs it, without what it depends on. */
  async installed(name: string, text: string): Promise<string> {
    const folder = await this.program(name, text, { "package.json": { type: "module" } });
    await Deno.mkdir(`${folder}/node_modules/@gustnado`, { recursive: true });
    await Deno.mkdir(`${folder}/node_modules/@gustnado/gustnado`);
    const { files, ...manifest } = JSON.parse(
      await Deno.readTextFile(`${this.folder}/package.json`),
    );
    const target = `${folder}/node_modules/@gustnado/gustnado`;
    await Deno.writeTextFile(`${target}/package.json`, JSON.stringify(manifest));
    for (const pattern of [...files as string[], "README.md"]) {
      await run("sh", ["-c", `cp -r --parents ${pattern} ${target}`], this.folder);
    }
    return folder;
  }

  /** Puts packages of npm beside a program, the newest of Deno's own copies. */
  async addPackages(folder: string, wanted: readonly string[]): Promise<void> {
    const { npmPackages } = JSON.parse(
      await run(Deno.execPath(), ["info", "--json", config.exports["./testing"]], ROOT),
    ) as { npmPackages: Record<string, { name: string; localPath: string }> };
    const found = new Map(
      Object.values(npmPackages).map(({ name, localPath }) => [name, localPath]),
    );
    for (const name of wanted) {
      const target = `${folder}/node_modules/${name}`;
      await Deno.mkdir(dirname(target), { recursive: true });
      await run("cp", ["-r", found.get(name) ?? name, target], ROOT);
    }
  }

  /** Every file of a kind, as text by its path. */
  async texts(ending: string): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    for await (const path of filesOf(this.folder)) {
      if (path.endsWith(ending)) {
        texts.set(path.slice(this.folder.length + 1), await Deno.readTextFile(path));
      }
    }
    return texts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#root, { recursive: true });
  }
}

/** The import map of a program that uses the package as JSR gives it. */
function importMap(folder: string): unknown {
  const { exports, imports } = JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)) as {
    exports: Record<string, string>;
    imports: Record<string, string>;
  };
  const doors = Object.entries(exports).map(([door, file]) => [
    `${config.name}${door.slice(1)}`,
    `${folder}/${file}`,
  ]);
  const absolute = Object.entries(imports)
    .map(([name, path]) => [name, path.replace(/^\.\//, `${folder}/`)]);
  return { imports: Object.fromEntries([...doors, ...absolute]) };
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const command = new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(success, `${program} ${args.join(" ")} failed:\n${out}${err}`);
  return `${out}`;
}

async function* filesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesOf(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** Prints the names that each door has, and how what stands behind them is called itself. */
function namesProgram(specifiers: readonly string[]): string {
  return `
    const doors = [];
    for (const specifier of ${JSON.stringify(specifiers)}) {
      const names = Object.entries(await import(specifier));
      // Where two modules have the same name for a function, one of them gets a number.
      const nameOf = (value) => typeof value === "function" ? value.name.replace(/2$/, "") : "";
      doors.push(names.map(([name, value]) => [name, nameOf(value)]));
    }
    console.log(JSON.stringify(doors));
  `;
}

async function namesFromSource(): Promise<string> {
  const doors = [];
  for (const [, source] of DOORS) {
    const names: Record<string, unknown> = await import(
      new URL(`../${source}`, import.meta.url).href
    );
    doors.push(
      Object.entries(names).map((
        [name, value],
      ) => [name, typeof value === "function" ? value.name.replace(/2$/, "") : ""]),
    );
  }
  return JSON.stringify(doors);
}

interface Dependency {
  readonly specifier: string;
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier: string };
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly Dependency[];
  }[];
}

async function graphOf(folder: string, file: string): Promise<Graph> {
  return JSON.parse(await run(Deno.execPath(), ["info", "--json", file], folder));
}

/** What the package's modules import, those of one door. */
async function importsOf(folder: string, door: string): Promise<Dependency[]> {
  const { modules } = await graphOf(folder, `${door === "." ? "mod" : door}.js`);
  const ours = modules.filter(({ specifier }) => specifier.startsWith(`file://${folder}/`));
  return ours.flatMap(({ dependencies = [] }) => dependencies).filter(({ code }) => code);
}

/** What is loaded with a module, before anything is asked for. */
function atStart(modules: Graph["modules"], entry: string, found = new Set<string>()): string[] {
  found.add(entry);
  for (
    const { isDynamic, code } of modules.find((m) => m.specifier === entry)?.dependencies ?? []
  ) {
    if (isDynamic !== true && code && !found.has(code.specifier)) {
      atStart(modules, code.specifier, found);
    }
  }
  return [...found];
}

/** The major version of the Node that is installed; 0 if there is none. */
async function nodeVersion(): Promise<number> {
  if (!onPath("node")) return 0;
  return Number(/^v(\d+)/.exec(await run("node", ["--version"], "."))?.[1]);
}

function oldestNode(manifest: { engines: { node: string } }): number {
  return Number(/^>=(\d+)/.exec(manifest.engines.node)?.[1]);
}

Deno.test("package", async (t) => {
  await using built = await Built.make();
  const specifiers = DOORS.map(([door]) => `${config.name}${door.slice(1)}`);
  const modules = await built.texts(".js");
  const manifest = JSON.parse(await Deno.readTextFile(`${built.folder}/package.json`));

  await t.step("every door has the names that it has in the source, under Deno", async () => {
    const program = namesProgram(specifiers);
    const folder = await built.program("doors", program, { "deno.json": importMap(built.folder) });
    const names = await run(Deno.execPath(), ["run", "-A", "--no-check", "main.ts"], folder);
    assertEquals(JSON.parse(names), JSON.parse(await namesFromSource()));
  });

  await t.step("every door for Workers has the names that it has in the source", async () => {
    const conditions: Record<string, { workerd?: string }> = manifest.exports;
    const files = DOORS.map(([door]) => conditions[door]?.workerd);
    const program = namesProgram(
      files.filter((file) => file !== undefined).map((file) => `${built.folder}/${file}`),
    );
    const map = { "deno.json": importMap(built.folder) };
    const folder = await built.program("doors-workers", program, map);
    const names = await run(Deno.execPath(), ["run", "-A", "--no-check", "main.ts"], folder);
    const expected = JSON.parse(await namesFromSource())
      .filter((_: unknown, index: number) => files[index] !== undefined);
    assertEquals(JSON.parse(names), expected);
  });

  await t.step("modules for Workers can be left out in one file, statement by statement", () => {
    for (const [path, text] of modules) {
      if (!path.startsWith("workerd/")) continue;
      assertEquals(text.match(/\bimport\("\.[^"]*"\)/g) ?? [], [], path);
      assertEquals(text.match(/(?:[;}]__export|[^*][^/]__commonJS)\([^)]{0,40}/g) ?? [], [], path);
    }
  });

  await t.step("applications are tested with the modules for Workers, too", async () => {
    const program = `
      import { Application, RequestHandler } from "${built.folder}/workerd/mod.js";
      import { testServer } from "${built.folder}/workerd/testing.js";
      class Hello extends RequestHandler {
        override get() {
          this.write("Hello");
        }
      }
      await using t = testServer(new Application([["/", Hello]]));
      console.log(await (await t.get("/")).text());
    `;
    const map = { "deno.json": importMap(built.folder) };
    const folder = await built.program("tested-workers", program, map);
    const said = await run(Deno.execPath(), ["run", "-A", "--no-check", "main.ts"], folder);
    assertEquals(said, "Hello\n");
  });

  await t.step({
    name: "every door has the names that it has in the source, under Node",
    ignore: !onPath("node"),
    fn: async () => {
      const folder = await built.installed("node", "");
      await built.addPackages(folder, LOADED_BY_TESTING);
      const loaded = specifiers.filter((door) => door !== BUILD);
      await Deno.writeTextFile(`${folder}/main.js`, namesProgram(loaded));
      const names = await run("node", ["main.js"], folder);
      const expected = JSON.parse(await namesFromSource())
        .filter((_: unknown, index: number) => specifiers[index] !== BUILD);
      assertEquals(JSON.parse(names), expected);
    },
  });

  await t.step({
    name:
      "routes, cookies and templates of an application work under the oldest Node that it names",
    ignore: !onPath("node") || await nodeVersion() < oldestNode(manifest),
    fn: async () => {
      const folder = await built.installed("application", "");
      await Deno.writeTextFile(
        `${folder}/main.js`,
        `import { Application, DictLoader, RequestHandler } from "${config.name}";
         class Main extends RequestHandler {
           get(name) {
             this.setSignedCookie("user", name);
             return this.render("main.html", { name });
           }
         }
         const app = new Application([["/:name", Main]], {
           cookieSecret: "c".repeat(32),
           templateLoader: new DictLoader({ "main.html": "Hello, {{ name }}" }),
         });
         const response = await app.fetch(new Request("http://localhost/ada"));
         console.log(await response.text());`,
      );
      assertEquals(await run("node", ["main.js"], folder), "Hello, ada\n");
    },
  });

  await t.step({
    name: "templates and escaping run under Node",
    ignore: !onPath("node"),
    fn: async () => {
      const folder = await built.installed("templates", "");
      await Deno.writeTextFile(
        `${folder}/main.js`,
        `import { Template } from "${config.name}/template";
         import { escape } from "${config.name}/text";
         console.log(await new Template("{{ x }}").generate({ x: "<b>" }), escape.xhtmlEscape("&"));`,
      );
      assertEquals(await run("node", ["main.js"], folder), "&lt;b&gt; &amp;\n");
    },
  });

  await t.step(
    "modules import their neighbours and what is declared, this when needed",
    async () => {
      const graph = await Promise.all(DOORS.map(([door]) => importsOf(built.folder, door)));
      const specifiers = graph.flat().map(({ specifier }) =>
        // The module of a runtime, or a package that not each of them can have.
        String(manifest.imports[specifier]?.node ?? specifier)
      );
      const foreign = specifiers.filter((specifier) => !/^(?:\.\.?\/|node:)/.test(specifier));
      const names = new Set(foreign.map(packageOf));
      const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
      assertEquals([...names].sort(), Object.keys(declared).sort());
      const { modules } = await graphOf(built.folder, "mod.js");
      const loaded = atStart(modules, new URL(`file://${built.folder}/mod.js`).href);
      assertEquals(loaded.filter((specifier) => !specifier.startsWith("file:")), []);
    },
  );

  await t.step("new projects have the files that they have in the source", async () => {
    const maker = await built.program(
      "init",
      `import { createProject } from "${config.name}/init";
       const [folder, template] = Deno.args;
       console.log(JSON.stringify(await createProject(folder, { template })));`,
      { "deno.json": importMap(built.folder) },
    );
    for (const template of ["api", "chat", "site"] as const) {
      const folder = await built.program(`init-${template}`, "", {});
      const [mine, its] = [`${folder}/a/my-project`, `${folder}/b/my-project`];
      await createProject(mine, { template });
      const made = ["run", "-A", "--quiet", "--no-check", "main.ts", its, template];
      const { files }: CreatedProject = JSON.parse(await run(Deno.execPath(), made, maker));
      for (const file of files.filter((each) => each !== ".env")) {
        const [expected, text] = [`${mine}/${file}`, `${its}/${file}`];
        assertEquals(await Deno.readTextFile(text), await Deno.readTextFile(expected), file);
      }
    }
  });

  await t.step("no declaration with using is left", () => {
    for (const [path, text] of modules) {
      // Its texts are the files of new projects.
      if (path === "init.js") continue;
      assert(!/(?:^|[;{}])\s*(?:await )?using [\w$]+ ?=/m.test(text), path);
    }
  });

  await t.step("declarations have the doc comments", async () => {
    const declarations = await built.texts("request_handler.d.ts");
    assertEquals([...declarations.keys()].sort(), [
      "types/deno/src/web/request_handler.d.ts",
      "types/node/src/web/request_handler.d.ts",
    ]);
    for (const text of declarations.values()) {
      assertMatch(text, /\/\*\*[^]*?\*\/\s*export declare/);
      assertMatch(text, /\*\/\s+write\(/);
    }
  });

  await t.step("the licences of what comes along are in it", async () => {
    const notices = await Deno.readTextFile(`${built.folder}/NOTICES`);
    assertMatch(notices, /acorn[^]*Permission is hereby granted/);
    assertMatch(notices, /the Deno authors/);
  });

  await t.step(
    "TypeScript finds no error in a program that npm has given the package",
    async () => {
      const folder = await built.installed("typescript", PROGRAM);
      const args = ["run", "-A", "--quiet", "--no-check", `--config=${ROOT}.ci/deno.json`];
      await run(Deno.execPath(), [...args, `${ROOT}.ci/type_check.ts`, folder], folder);
    },
  );

  await t.step("Deno finds no error in a program that JSR has given the package", async () => {
    const map = importMap(built.folder);
    const folder = await built.program("jsr", PROGRAM, { "deno.json": map });
    await run(Deno.execPath(), ["check", "main.ts"], folder);
  });

  await t.step("Deno finds no error in a program that npm has given the package", async () => {
    const folder = await built.installed("deno", PROGRAM);
    await run(Deno.execPath(), ["check", "main.ts"], folder);
  });

  await t.step("JSR takes it, and needs no types of its own making", async () => {
    await run(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], built.folder);
  });

  await t.step("hello runs, from JSR and from npm", async () => {
    const map = { "deno.json": importMap(built.folder) };
    for (
      const folder of [
        await built.program("hello", HELLO, map),
        await built.installed("hello-npm", HELLO),
      ]
    ) {
      await using server = await ChildServer.start({
        program: Deno.execPath(),
        args: ({ port }) => ["run", "-A", "--no-check", `${folder}/main.ts`, `${port}`],
      });
      const response = await fetch(`http://127.0.0.1:${server.port}/`);
      assertEquals(await response.text(), "Hello from the package");
    }
  });
});

/** The package of npm that a module is of. */
function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
