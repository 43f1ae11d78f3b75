import { assertEquals } from "@std/assert";

interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly GraphModule[];
}

interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier: string };
  readonly isDynamic?: boolean;
}

/** What is loaded when `mod.ts` is imported: all that is reached without a dynamic import. */
async function loadedModules(): Promise<Set<string>> {
  const root = new URL("../../", import.meta.url);
  const args = ["info", "--json", new URL("mod.ts", root).pathname];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  const graph: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const loaded = new Set<string>();
  const waiting = [...graph.roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (loaded.has(next)) continue;
    loaded.add(next);
    for (const { code, isDynamic } of modules.get(next)?.dependencies ?? []) {
      if (code !== undefined && isDynamic !== true) waiting.push(code.specifier);
    }
  }
  return loaded;
}

Deno.test("an application that nobody logs in to does not load the library for it", async () => {
  const loaded = [...await loadedModules()];
  const ofAuth = loaded.filter((module) => module.includes("/src/auth/"));
  const names = ofAuth.map((module) => module.split("/").at(-1));
  assertEquals(loaded.filter((module) => module.includes("oauth4webapi")), []);
  assertEquals(names.includes("oauth2_mixin.ts"), true);
  assertEquals(names.filter((name) => name === "login.ts" || name === "provider.ts"), []);
});
