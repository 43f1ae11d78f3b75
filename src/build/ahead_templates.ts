/** Templates that are compiled when the application is built. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Loader } from "../template/loaders/loader.ts";
import { ParseError } from "../template/syntax/parse_error.ts";
import { compile, type TemplateOptions } from "../template/template.ts";
import type { ApplicationPaths } from "./application_paths.ts";
import type { TemplateFolder } from "./application_probe.ts";
import { BuildError } from "./build_error.ts";
import { GENERATED } from "./bundle_plugin.ts";
import { libraryFile } from "./library.ts";
import { leadsToFile, passedOver } from "./linked_files.ts";

/** What of the templates comes along. */
export interface AheadOptions {
  readonly paths: ApplicationPaths;
  /** Whether pages may be streamed. */
  readonly streams: boolean;
  /** Whether the sources come along, for templates that are compiled later and extend or include them. */
  readonly sources: boolean;
}

/** The compiled templates of one application. */
export interface AheadTemplates {
  /** The modules of them, by the names that they are imported by, and the loader of them. */
  readonly modules: ReadonlyMap<string, string>;
  /** What the templates say: names in it are used. */
  readonly texts: readonly string[];
  /** How many there are. */
  readonly count: number;
  /** What was passed over, and why. */
  readonly notes: readonly string[];
  /** The folders, on this machine. */
  readonly folders: readonly string[];
}

/** The module that stands in the place of the loader of folders. */
export function loaderReplacement(): readonly [path: string, text: string] {
  const path = libraryFile("template/loaders/loader.ts");
  return [path, LOADER];
}

/**
 * Compiles every template of some folders.
 *
 * @param folders The folders, as the application names them.
 * @param options What of them comes along.
 * @throws {BuildError} If one is missing or malformed; the message has its file and line.
 */
export async function compileAhead(
  folders: readonly TemplateFolder[],
  options: AheadOptions,
): Promise<AheadTemplates> {
  const { paths } = options;
  const modules = new Map<string, string>();
  const texts: string[] = [];
  const notes: string[] = [];
  const index: string[] = [];
  const imports: string[] = [];
  const wanted = new Map(folders.map((folder) => [folderKey(folder, paths), folder]));
  for (const [key, folder] of wanted) {
    const found = await compileFolder(folder, paths.toReal(folder.root));
    notes.push(...found.notes);
    const own = moduleIndex(`template/${index.length}/`, found.templates, options);
    for (const [name, module] of own.modules) modules.set(name, module);
    texts.push(...own.texts);
    imports.push(own.imports);
    index.push(`folders[${JSON.stringify(key)}] = {\n${own.members}\n};`);
  }
  modules.set(
    FOLDERS,
    `${imports.join("\n")}
const folders = {};
${index.join("\n")}
export { folders };
export const base = ${JSON.stringify(paths.base)};
`,
  );
  return {
    modules,
    texts,
    notes,
    count: texts.length,
    folders: [...wanted.values()].map(({ root }) => paths.toReal(root)),
  };
}

const FOLDERS = `${GENERATED}template_folders`;

/** What tells folders of a bundle apart; the loader in it makes the same of its arguments. */
export function folderKey(
  { root, autoescape, whitespace }: TemplateFolder,
  paths: ApplicationPaths,
): string {
  return JSON.stringify([paths.toVirtual(paths.toReal(root)), autoescape, whitespace ?? null]);
}

/** A template, as it is in a bundle. */
export interface CompiledFile {
  /** What it is found by, within its folder or loader. */
  readonly name: string;
  /** What it was made of. */
  readonly source: string;
  /** Its module. */
  readonly code: string;
}

async function compileFolder(
  { root, autoescape, whitespace }: TemplateFolder,
  real: string,
): Promise<
  {
    readonly templates: readonly CompiledFile[];
    readonly notes: readonly string[];
  }
> {
  if (autoescape !== null && typeof autoescape === "object") {
    throw new BuildError(
      `Cannot compile the templates in ${real}: autoescape is a function; name a function of the ` +
        "template's namespace instead",
    );
  }
  const loader = new Loader(real, {
    autoescape,
    ...(whitespace !== undefined && { whitespace }),
  });
  const templates: CompiledFile[] = [];
  const notes: string[] = [];
  for (const name of await namesIn(real, { root, notes })) {
    const source = textOf(await readFile(join(real, name)));
    if (source === null) notes.push(`${join(real, name)} is no text, and was passed over`);
    else {
      const code = compileSource(source, {
        name,
        loader,
        placeOf: (file) => `${join(real, file)}:`,
      });
      templates.push({ name, source, code });
    }
  }
  return { templates, notes };
}

/**
 * Compiles a template.
 *
 * @param options As for a template, and how a place in one is written, up to its line.
 * @throws {BuildError} If it has a mistake.
 */
export function compileSource(
  source: string,
  { name, placeOf, ...options }: Omit<TemplateOptions, "name"> & {
    readonly name: string;
    readonly placeOf: (name: string) => string;
  },
): string {
  try {
    return compile(source, { name, ...options });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const place = `${placeOf(error.filename ?? name)}${error.line}`;
    const hint = error.hint === "" ? "" : `; ${error.hint}`;
    throw new BuildError(`Cannot compile ${place}: ${error.reason}${hint}`, {
      cause: error,
    });
  }
}

/**
 * The modules of some templates, and the lines of a module that knows them by name.
 *
 * @param prefix What the names of their modules begin with.
 */
export function moduleIndex(
  prefix: string,
  templates: readonly CompiledFile[],
  { streams, sources }: Omit<AheadOptions, "paths">,
): {
  readonly modules: ReadonlyMap<string, string>;
  readonly texts: readonly string[];
  readonly imports: string;
  readonly members: string;
} {
  const parts = ["name", "places", "render", ...(streams ? ["stream"] : [])];
  const suffix = prefix.replace(/\W/g, "_");
  const named = templates.map(({ name, source, code }, index) => ({
    name,
    source,
    code,
    module: `${GENERATED}${prefix}${name}`,
    locals: parts.map((part) => [part, `${part}_${suffix}${index}`] as const),
  }));
  return {
    modules: new Map(named.map(({ module, code }) => [module, code])),
    texts: templates.map(({ source }) => source),
    imports: named.map(({ module, locals }) => {
      const names = locals.map(([part, local]) => `${part} as ${local}`).join(", ");
      return `import { ${names} } from ${JSON.stringify(module)};`;
    }).join("\n"),
    members: named.map(({ name, source, locals }) => {
      const values = locals.map(([part, local]) => `${part}: ${local}`);
      if (sources) values.push(`source: ${JSON.stringify(source)}`);
      return `  ${JSON.stringify(name)}: { ${values.join(", ")} },`;
    }).join("\n"),
  };
}

/** The names of the files in a folder and below, in order. What begins with a dot is passed over. */
async function namesIn(
  real: string,
  { root, notes }: { readonly root: string; readonly notes: string[] },
): Promise<string[]> {
  if (!await stat(real).then((found) => found.isDirectory(), () => false)) {
    throw new BuildError(
      `Cannot compile the templates in "${root}": there is no folder ${real}; make it, or name another`,
    );
  }
  const names: string[] = [];
  for (const entry of await readdir(real, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(real.length).replaceAll("\\", "/").replace(/^\/+/, "");
    if (/(?:^|\/)\./.test(name)) continue;
    if (entry.isFile() || entry.isSymbolicLink() && await leadsToFile(path, real)) names.push(name);
    else if (entry.isSymbolicLink()) notes.push(passedOver(path));
  }
  return names.sort();
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

const LOADER = `import { PrecompiledLoader } from ${
  JSON.stringify(libraryFile("template/loaders/precompiled_loader.ts"))
};
import { base, folders } from "${FOLDERS}";
export class Loader extends PrecompiledLoader {
  constructor(root, { autoescape = "xhtmlEscape", whitespace = null, ...rest } = {}) {
    const path = root.replace(/^\\.\\/|\\/$/g, "");
    const folder = /^(?:\\/|\\w:)/.test(path) ? path : \`\${base}/\${path}\`;
    const key = JSON.stringify([folder, autoescape, whitespace]);
    const modules = typeof autoescape === "function" ? undefined : folders[key];
    if (modules === undefined) {
      throw new Error(\`Cannot load templates from "\${root}": the build has not seen this folder; \` +
        "name it with --templates");
    }
    super(modules, rest);
    Object.assign(this, { root, autoescape, whitespace: whitespace ?? undefined, aheadKey: key });
  }
}
`;
