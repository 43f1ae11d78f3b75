/**
 * The modules for Workers, which are one file anyway: nothing in them is imported later. Bundlers wrap
 * all that could be loaded later when they write one file, and all that it imports, and can leave out
 * nothing of it.
 *
 * @module
 */
import { build, type Plugin, transform } from "esbuild";
import { dirname, resolve } from "node:path";
import { foldAbsent } from "../src/build/shaking/feature_folding.ts";
import { constantCalls, standInsOnWorkers } from "../src/build/shaking/stand_ins.ts";
import { TARGETS } from "../src/build/target.ts";
import {
  type AnyNode,
  childrenOf,
  isFunction,
  parseModule,
} from "../src/build/shaking/syntax_tree.ts";
import { edited } from "../src/build/shaking/text_edits.ts";

/** Beside a module, at the end of its name: what stands in its place on Workers. */
const ON_WORKERS = "_on_workers.ts";

/** Tests listen in memory, and nothing has to be left out of what they are made of. */
const TESTS = /\/src\/testing\//;

/** Puts what only Workers have in the place of what they have not. */
export const onWorkers: Plugin = {
  name: "on workers",
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.ts$/ }, async ({ path, resolveDir, importer, kind }) => {
      if (kind === "entry-point" || importer.endsWith(ON_WORKERS)) return undefined;
      const file = resolve(resolveDir, path).replace(/\.ts$/, ON_WORKERS);
      if (TESTS.test(importer) && !TESTS.test(file)) return undefined;
      return await isFile(file) ? { path: file } : undefined;
    });
  },
};

/**
 * Imports from the start what is imported later elsewhere. Packages stay as they are.
 *
 * @param inlined The files of modules of packages that come along, by the names that they are imported by.
 */
export function atOnce(inlined: ReadonlyMap<string, { readonly file: string }>): Plugin {
  const find = (specifier: string, path: string) =>
    specifier.startsWith(".")
      ? onWorkersOf(resolve(dirname(path), specifier))
      : inlined.get(specifier)?.file;
  return {
    name: "at once",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path, with: { type } }) => {
        if (type !== undefined) return undefined;
        const source = await Deno.readTextFile(path);
        const { code } = await transform(source, { loader: "ts", target: "esnext" });
        const text = await importedAtOnce(code, (each) => find(each, path));
        return { contents: await folded(path, text), loader: "js" };
      });
    },
  };
}

/** Finds the file of a module; `undefined` if it does not come along. */
type Find = (specifier: string) => Promise<string> | string | undefined;

const LATER = /\bimport\("([^"]+)"\)/g;

async function importedAtOnce(code: string, find: Find): Promise<string> {
  const imports: string[] = [];
  const values = new Map<string, string>();
  for (const [, specifier = ""] of code.matchAll(LATER)) {
    const file = await find(specifier);
    if (file === undefined || values.has(specifier)) continue;
    const name = `later${values.size}`;
    const members = (await exportsOf(file)).map((each) => `${each}: ${name}.${each}`);
    // An object of the members, and not the namespace, which a bundler has to make at the top.
    values.set(specifier, `Promise.resolve({ ${members.join(", ")} })`);
    imports.push(`import * as ${name} from ${JSON.stringify(specifier)};`);
  }
  const replaced = code.replace(LATER, (later, specifier) => values.get(specifier) ?? later);
  return `${imports.join("\n")}\n${replaced}`;
}

/** Calls that are not made in any application, and what they give. */
const STAND_INS = standInsOnWorkers();

/** What the runtime always answers. */
const KNOWN = {
  settings: new Map(),
  traits: new Set<string>(),
  globals: new Set<string>(),
  platform: new Map(Object.entries(TARGETS.workers.platformCalls)),
  // What is developed elsewhere runs here as it is.
  parts: new Set(["development"]),
};

/** A module without what never happens on Workers. */
async function folded(path: string, text: string): Promise<string> {
  const calls = constantCalls(path, text, STAND_INS);
  return await foldAbsent(text, { ...KNOWN, calls }, { target: "esnext" });
}

async function onWorkersOf(file: string): Promise<string> {
  const variant = file.replace(/\.ts$/, ON_WORKERS);
  return await isFile(variant) ? variant : file;
}

async function exportsOf(file: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    format: "esm",
    write: false,
    metafile: true,
    outdir: "/",
  });
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports);
}

/** How esbuild writes its helper that fills the object of a module. */
const FILLING = /(?<=\b__export=\(target,all\)=>\{[^{}]*\{[^{}]*\}\))(?=\})/;

/**
 * Marks calls of the helpers of esbuild that nobody need make: who bundles what it has made would keep
 * each of them, and whatever it names.
 *
 * @param text A module of its output.
 */
export function withPureHelpers(text: string): string {
  return text.replace(FILLING, ";return target")
    .replace(/\bvar ([\w$]+)=\{\};__export\(\1,/g, "var $1=/* @__PURE__ */__export({},")
    .replace(/=(?=__commonJS\()/g, "=/* @__PURE__ */");
}

/** Functions that do nothing but make their result, or what goes with it. */
const PURE = /^(?:bringing|oneOf|withRoutes)\d*$/;

/**
 * Marks the tables of a module that nobody need make: to bundlers, what spreads an object, reads a
 * member or calls a function could do anything else, too.
 *
 * @param text A module.
 */
export function withPureTables(text: string): string {
  const made = parseModule(text).body.flatMap((node) =>
    node.type === "VariableDeclaration" ? node.declarations.map(({ init }) => init) : []
  );
  const edits = made.filter((init) => init != null && isTable(init) && holdsMore(init))
    .map((init) => {
      const { start = 0, end = 0 } = init ?? {};
      return { start, end, text: `/* @__PURE__ */(()=>(${text.slice(start, end)}))()` };
    });
  return edited(text, edits);
}

/** Whether nothing but the value comes of it. */
function isTable(node: AnyNode): boolean {
  switch (node.type) {
    case "CallExpression":
      return node.callee.type === "Identifier" && PURE.test(node.callee.name) &&
        node.arguments.every(isTable);
    case "Identifier":
    case "Literal":
    case "TemplateElement":
      return true;
    case "Property":
      return !node.computed && node.kind === "init" && isTable(node.value);
    case "ArrayExpression":
    case "BinaryExpression":
    case "MemberExpression":
    case "ObjectExpression":
    case "SpreadElement":
    case "TemplateLiteral":
    case "UnaryExpression":
      return childrenOf(node).every(isTable);
    default:
      return isFunction(node);
  }
}

/** Whether a bundler would not see that. */
function holdsMore(node: AnyNode): boolean {
  if (isFunction(node)) return false;
  const { type } = node;
  return type === "SpreadElement" || type === "MemberExpression" || type === "CallExpression" ||
    childrenOf(node).some(holdsMore);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
