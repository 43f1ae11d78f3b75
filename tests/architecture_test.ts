import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import config from "../deno.json" with { type: "json" };

/**
 * The rooms of `src/`, from the ground up, and those below that each may import values of. Types may
 * also point up, where a class and its parts name each other. ARCHITECTURE.md draws it.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  http: [],
  platform: [],
  log: ["platform", "checks"],
  "log.ts": ["platform", "log"],
  checks: [],
  redis: [],
  text: ["http", "platform", "log.ts", "checks"],
  concurrent: ["platform", "log.ts", "checks"],
  topics: ["http", "concurrent", "platform", "log.ts", "checks"],
  "topics/redis": ["topics", "http", "concurrent", "redis", "platform", "log.ts", "checks"],
  "topics/nats": ["topics", "http", "concurrent", "platform", "log.ts", "checks"],
  "topics/browser": [],
  server: ["http", "concurrent", "platform", "log.ts", "checks"],
  client: ["http", "concurrent", "platform", "log.ts", "checks"],
  net: ["http", "concurrent", "platform", "log.ts", "checks"],
  template: ["text", "platform", "checks"],
  options: ["concurrent", "platform", "log.ts", "checks"],
  web: [
    "http",
    "text",
    "concurrent",
    "topics",
    "server",
    "net",
    "template",
    "platform",
    "redis",
    "log.ts",
    "checks",
  ],
  websocket: [
    "web",
    "topics",
    "client",
    "http",
    "text",
    "concurrent",
    "platform",
    "log.ts",
    "checks",
  ],
  "topics/handlers": [
    "websocket",
    "web",
    "topics",
    "server",
    "http",
    "text",
    "concurrent",
    "platform",
    "log.ts",
    "checks",
  ],
  workers: [
    "topics/handlers",
    "websocket",
    "web",
    "topics",
    "server",
    "http",
    "text",
    "concurrent",
    "platform",
    "log.ts",
    "checks",
  ],
  load: ["websocket", "concurrent", "platform", "checks"],
  proxy: ["web", "websocket", "server", "client", "http", "platform", "log.ts", "checks"],
  testing: ["websocket", "web", "client", "server", "http", "concurrent", "platform", "checks"],
  dev: ["web", "server", "text", "platform"],
  init: ["platform", "checks"],
  build: ["web", "template", "platform", "checks"],
  auth: ["web", "client", "http", "concurrent", "platform", "log.ts", "checks"],
};

const ROOT = new URL("..", import.meta.url);

/** What each module imports values of, by its address. */
type Graph = ReadonlyMap<string, readonly string[]>;

/** The imports that are left when the types are gone: those of a start, or all that may come. */
async function graphOf(entry: string, { atStart = false } = {}): Promise<Graph> {
  const args = ["info", "--json", new URL(entry, ROOT).href];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: Dependency[] }[];
  };
  return new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.flatMap(({ code, isDynamic = false }) =>
      code === undefined || atStart && isDynamic ? [] : [code.specifier]
    ),
  ]));
}

/** The imports of everything, through all doors. */
async function wholeGraph(): Promise<Graph> {
  const graphs = await Promise.all(Object.values(config.exports).map((entry) => graphOf(entry)));
  return new Map(graphs.flatMap((graph) => [...graph]));
}

/** What `deno info` tells of an import; its other members are not needed. */
interface Dependency {
  readonly code?: { readonly specifier: string };
  readonly isDynamic?: boolean;
}

function withinSource(address: string): string | undefined {
  const source = new URL("src/", ROOT).href;
  return address.startsWith(source) ? address.slice(source.length) : undefined;
}

/** The imports between files of `src/`, from and to. */
function importsOf(graph: Graph): [from: string, to: string][] {
  return [...graph].flatMap(([module, imports]) => {
    const from = withinSource(module);
    return imports.map(withinSource).flatMap((to): [string, string][] =>
      from === undefined || to === undefined ? [] : [[from, to]]
    );
  });
}

/** The settings of a part are the ground floor of its room: every room above the checks may have them. */
function isSettings(file: string): boolean {
  return file.endsWith("/settings.ts");
}

function isDoor(file: string): boolean {
  return file.endsWith("/mod.ts");
}

/** A folder may be a room within a room. A door belongs to none: it may show what is above. */
function roomOf(file: string): string {
  const parts = file.split("/");
  const inner = parts.slice(0, 2).join("/");
  return Object.hasOwn(ROOMS, inner) ? inner : parts[0] ?? file;
}

/** What a module loads when it is imported, itself included. */
function loadedBy(entry: string, graph: Graph): ReadonlySet<string> {
  const loaded = new Set<string>();
  const load = (module: string) => {
    if (loaded.has(module)) return;
    loaded.add(module);
    graph.get(module)?.forEach(load);
  };
  load(new URL(entry, ROOT).href);
  return loaded;
}

Deno.test("rooms import values of those below them only", async () => {
  const graph = await wholeGraph();
  const wrong = importsOf(graph).filter(([from, to]) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    return room !== other && !isSettings(to) && !isDoor(from) && !ROOMS[room]?.includes(other);
  });
  assertEquals(wrong, []);
});

Deno.test("settings load checks, HTTP, and what stands beside them", async () => {
  const graph = await wholeGraph();
  const files = [...graph.keys()].map(withinSource).filter((file) => file !== undefined);
  const settings = files.filter(isSettings);
  assertEquals(settings.length > 5, true);
  for (const file of settings) {
    const folder = file.slice(0, file.lastIndexOf("/") + 1);
    const loaded = [...loadedBy(`src/${file}`, graph)].map((each) => withinSource(each) ?? each);
    const allowed = (each: string) =>
      ["checks/", "http/", folder].some((place) => each.startsWith(place));
    assertEquals([file, loaded.filter((each) => !allowed(each))], [file, []]);
  }
});

Deno.test("inside the house a file imports the file that it needs, not a door", async () => {
  const graph = await wholeGraph();
  assertEquals(importsOf(graph).filter(([from, to]) => isDoor(to) && !isDoor(from)), []);
});

Deno.test("no modules import values of each other in a circle", async () => {
  const graph = await wholeGraph();
  const done = new Set<string>();
  const visit = (module: string, path: readonly string[]) => {
    assert(!path.includes(module), `a circle: ${[...path, module].map(withinSource).join(" → ")}`);
    if (done.has(module)) return;
    for (const imported of graph.get(module) ?? []) visit(imported, [...path, module]);
    done.add(module);
  };
  for (const module of graph.keys()) visit(module, []);
});

/** What stands in the place of another module in the package, for Workers, is reached there only. */
function isModule(name: string): boolean {
  return name.endsWith(".ts") && !name.endsWith("_on_workers.ts");
}

Deno.test("every file of src/ is reached by a door", async () => {
  const reached = new Set<string>();
  for (const entry of Object.values(config.exports)) {
    for (const module of (await graphOf(entry)).keys()) reached.add(module);
  }
  const unreached: string[] = [];
  const walk = (folder: URL) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const address = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) walk(address);
      else if (isModule(name) && !reached.has(address.href)) unreached.push(address.href);
    }
  };
  walk(new URL("src/", ROOT));
  assertEquals(unreached, []);
});

Deno.test("./web leaves out what a setting, a door or a call of its own brings along", async () => {
  const entry = config.exports["./web"];
  const loaded = loadedBy(entry, await graphOf(entry, { atStart: true }));
  const files = [...loaded].map(withinSource);
  const left = [
    "web/pages/page_kit.ts",
    "web/pages/ui_module.ts",
    "web/static/static_file_handler.ts",
    "http/body/multipart.ts",
    "web/response/content_encoder.ts",
    "web/development/development.ts",
    "web/signed/sealed_value.ts",
    "text/escape/html_entities.ts",
    "text/locale/translation_files.ts",
    "topics/topics.ts",
    "topics/topic_hub.ts",
    "topics/memory/memory_broker.ts",
    "template/loaders/base_loader.ts",
  ];
  for (const file of left) assert(Deno.statSync(new URL(`src/${file}`, ROOT)).isFile);
  assertEquals(left.filter((file) => files.includes(file)), []);
});

Deno.test("./web loads at most 120 modules from source, settings tables included", async () => {
  const entry = config.exports["./web"];
  assertLessOrEqual(loadedBy(entry, await graphOf(entry, { atStart: true })).size, 120);
});
