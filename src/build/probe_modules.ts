/** The modules by which a probe sees what an application has, as JavaScript. */
import { type ApplicationPaths, VIRTUAL_ROOT } from "./application_paths.ts";
import { GENERATED, ORIGINAL } from "./bundle_plugin.ts";
import { libraryFile } from "./library.ts";
import { CALLED_AT_IMPORT } from "./shaking/stand_ins.ts";

/** The modules that a probe consists of beside those of the application. */
export function probeModules(entry: string, paths: ApplicationPaths): ReadonlyMap<string, string> {
  return new Map([
    [PROBE_ENTRY, probeEntry(entry)],
    [`${GENERATED}guard`, GUARD],
    [`${GENERATED}seen`, SEEN],
    [`${GENERATED}paths`, realPaths(paths)],
    [`${GENERATED}cloudflare:workers`, WORKERS],
  ]);
}

/** The module that begins a probe. */
export const PROBE_ENTRY: string = `${GENERATED}probe`;

/** What stands in the place of modules of the library, so that it is seen what they are given. */
export function probeReplacements(): ReadonlyMap<string, string> {
  const places: readonly (readonly [string, (original: string) => string])[] = [
    ["template/loaders/loader.ts", (original) => `
import { Loader as Original } from ${original};
import { realPath } from "${GENERATED}paths";
import { loading, seen } from "${GENERATED}seen";
export class Loader extends Original {
  constructor(root, options) {
    super(realPath(root), options);
    seen.loaders.set(this, root);
  }
  createTemplate(name) {
    return loading(() => super.createTemplate(name));
  }
}`],
    ["template/loaders/dict_loader.ts", (original) => `
import { DictLoader as Original } from ${original};
import { loading, seen } from "${GENERATED}seen";
export class DictLoader extends Original {
  constructor(sources, options) {
    super(sources, options);
    seen.texts.set(this, sources);
  }
  createTemplate(name) {
    return loading(() => super.createTemplate(name));
  }
}`],
    ["template/template.ts", (original) => `
import { Template as Original } from ${original};
import { seen } from "${GENERATED}seen";
export { compile } from ${original};
export class Template extends Original {
  constructor(source, options) {
    super(source, options);
    if (seen.loading === 0) seen.templates.push({ source, options });
  }
}`],
    ["text/locale/translation_files.ts", (original) => `
import * as original from ${original};
import { realPath } from "${GENERATED}paths";
import { seen } from "${GENERATED}seen";
export * from ${original};
const seenAt = (directory) => {
  seen.translations.push(String(directory));
  return realPath(directory);
};
export function loadTranslations(directory, options) {
  original.loadTranslations(seenAt(directory), options);
}
export async function loadGettextTranslations(directory, domain) {
  await original.loadGettextTranslations(seenAt(directory), domain);
}`],
    ["web/application_settings.ts", (original) => `
import { checkSettings as check } from ${original};
import { seen } from "${GENERATED}seen";
export * from ${original};
export function checkSettings(settings) {
  check(settings);
  seen.settings.push(settings);
}`],
    ["web/routing/route_check.ts", (original) => `
import { checkRoute as check } from ${original};
import { seen } from "${GENERATED}seen";
export * from ${original};
export function checkRoute(target, route) {
  check(target, route);
  const path = route?.args?.path;
  if (typeof target?.makeStaticUrl === "function" && typeof path === "string") seen.folders.push(path);
}`],
  ];
  const watched = [...Map.groupBy(CALLED_AT_IMPORT, ({ module }) => module)].map((
    [module, functions],
  ) => [libraryFile(module), watching(functions.map(({ name }) => name))] as const);
  const known = places.map(([name, text]) => [libraryFile(name), text] as const);
  return new Map([...known, ...watched].map(([path, text]) => {
    return [path, text(JSON.stringify(`${ORIGINAL}${path}`))];
  }));
}

/** A module whose functions tell that they are called. */
function watching(names: readonly string[]): (original: string) => string {
  const functions = names.map((name) => `
export function ${name}(...args) {
  seen.called.add(${JSON.stringify(name)});
  return original.${name}(...args);
}`);
  return (original) => `
import * as original from ${original};
import { seen } from "${GENERATED}seen";
export * from ${original};${functions.join("")}`;
}

function probeEntry(entry: string): string {
  return `import "${GENERATED}guard";
import * as application from ${JSON.stringify(entry)};
import { seen } from "${GENERATED}seen";
const isApplication = (value) => typeof value === "object" && value !== null && typeof value.fetch === "function";
const isEntrypoint = (value) => {
  if (typeof value !== "function" || value.prototype === undefined) return false;
  if ("makeStaticUrl" in value || "supportedMethods" in value) return false;
  return value.isEntrypoint === true ||
    ["fetch", "alarm", "webSocketMessage"].some((name) => typeof value.prototype[name] === "function");
};
const autoescapeOf = (value) => typeof value === "function" ? { isFunction: true } : value;
const fromSettings = seen.settings
  .filter(({ templatePath, templateLoader }) => templatePath !== undefined && templateLoader === undefined)
  .map(({ templatePath: root, autoescape = "xhtmlEscape", templateWhitespace: whitespace }) => ({
    root, autoescape: autoescapeOf(autoescape), whitespace,
  }));
const fromLoaders = [...seen.loaders]
  .map(([{ autoescape, whitespace }, root]) => ({ root, autoescape: autoescapeOf(autoescape), whitespace }));
const textOf = (source) => typeof source === "string" ? source : new TextDecoder().decode(source);
const isSource = (value) => typeof value === "string" || value instanceof Uint8Array;
const readingOf = ({ autoescape, whitespace }) => ({ autoescape: autoescapeOf(autoescape), whitespace });
const textLoaderOf = (loader) => ({
  sources: Object.fromEntries(
    Object.entries(seen.texts.get(loader)).filter(([, source]) => isSource(source))
      .map(([name, source]) => [name, textOf(source)]),
  ),
  ...readingOf(loader),
});
const loaderOf = (loader) => {
  if (seen.texts.has(loader)) return textLoaderOf(loader);
  return seen.loaders.has(loader) ? { root: seen.loaders.get(loader), ...readingOf(loader) } : null;
};
const textTemplateOf = ({ source, options = {} }) => {
  const { name = "<string>", loader, whitespace = loader?.whitespace } = options;
  const { autoescape = loader === undefined ? "xhtmlEscape" : loader.autoescape } = options;
  return { source: textOf(source), name, loader: loaderOf(loader), ...readingOf({ autoescape, whitespace }) };
};
const withFiles = seen.settings.find(({ staticPath }) => staticPath !== undefined);
Deno.writeTextFileSync(Deno.args[0], JSON.stringify({
  exports: Object.entries(application).map(([name, value]) => ({
    name,
    kind: isApplication(value) ? "application" : isEntrypoint(value) ? "entrypoint" : "other",
  })),
  called: [...seen.called],
  listens: typeof application.default?.listen === "function",
  staticPath: withFiles?.staticPath ?? null,
  staticUrlPrefix: withFiles?.staticUrlPrefix ?? "/static/",
  settings: [...new Set(seen.settings.flatMap((settings) => Object.getOwnPropertyNames(settings)))],
  translations: seen.translations,
  templates: [...fromSettings, ...fromLoaders],
  textLoaders: [...seen.texts.keys()].map(textLoaderOf),
  textTemplates: seen.templates.map(textTemplateOf),
  folders: [
    ...seen.folders,
    ...seen.settings.map(({ staticPath }) => staticPath).filter((path) => path !== undefined),
  ],
}));
Deno.exit(0);
`;
}

/** An application that is built must not listen. */
const GUARD = `export const refuse = () => {
  throw new Error("an application that is built must not listen when it is imported; " +
    "write \`if (import.meta.main) app.listen(8888)\`");
};
for (const name of ["serve", "listen", "listenTls", "listenDatagram"]) {
  if (name in Deno) Deno[name] = refuse;
}
`;

const SEEN = `export const seen = {
  settings: [], loaders: new Map(), texts: new Map(), templates: [], folders: [], translations: [], called: new Set(), loading: 0,
};
// What a loader makes is compiled with the loader.
export const loading = (make) => {
  seen.loading++;
  try {
    return make();
  } finally {
    seen.loading--;
  }
};
`;

/** What is loaded when the application is imported stands where it is on this machine. */
function realPaths(paths: ApplicationPaths): string {
  const [virtual, real] = [VIRTUAL_ROOT, paths.toReal(VIRTUAL_ROOT)].map((path) =>
    JSON.stringify(path)
  );
  return `export const realPath = (path) =>
  path === ${virtual} || String(path).startsWith(${virtual} + "/")
    ? ${real} + path.slice(${VIRTUAL_ROOT.length})
    : path;
`;
}

/** What Workers have by themselves, as far as classes extend it. */
const WORKERS = `class Entrypoint {
  static isEntrypoint = true;
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}
export class DurableObject extends Entrypoint {}
export class WorkerEntrypoint extends Entrypoint {}
export class WorkflowEntrypoint extends Entrypoint {}
export class RpcTarget {}
export const env = {};
export const waitUntil = () => {};
`;
