/**
 * What an application shows when it is imported: its exports, its templates and its static files. A
 * program of its own imports it, as one bundle in which the places that tell are listened at.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shown } from "../checks/shown.ts";
import { outcomeOfDeno } from "../platform/deno/deno_program.ts";
import { VIRTUAL_ROOT } from "./application_paths.ts";
import { BuildError } from "./build_error.ts";
import { cacheFile, hashOf, useCacheFile, writeCacheFile } from "./cache_folder.ts";
import type { TextTemplates } from "./text_templates.ts";

/** How templates are read. */
export interface TemplateReading {
  /** How `{{ }}` escapes; a function cannot be told. */
  readonly autoescape: string | null | { readonly isFunction: true };
  readonly whitespace?: "all" | "single" | "oneline";
}

/** Templates that share a folder and how they are read. */
export interface TemplateFolder extends TemplateReading {
  /** The folder, as the application names it. */
  readonly root: string;
}

/** An export of the application's module. */
export interface Exported {
  readonly name: string;
  /** Whether a runtime may instantiate it: a Durable Object, an entry point of a worker. */
  readonly kind: "application" | "entrypoint" | "other";
}

/** What was found. */
export interface ApplicationFacts extends TextTemplates {
  readonly exports: readonly Exported[];
  /** Whether the application has a server of its own. */
  readonly listens: boolean;
  /** The names of the settings that are given. */
  readonly settings: readonly string[];
  /** The functions of `CALLED_AT_IMPORT` that it has called. */
  readonly called: readonly string[];
  /** The folder of the setting `staticPath`, as the application names it; `null` for none. */
  readonly staticPath: string | null;
  /** What the URLs of the files in it begin with. */
  readonly staticUrlPrefix: string;
  readonly templates: readonly TemplateFolder[];
  /** The folders of translations, as the application names them. */
  readonly translations: readonly string[];
  /** The folders of static files, as the application names them. */
  readonly folders: readonly string[];
}

/**
 * Runs a probe.
 *
 * @param code The bundle of it.
 * @param options The name of the application's module for messages, the working directory, milliseconds
 *   that it may take, and what ends it if nobody wants to know any more.
 * @throws {BuildError} If the application cannot be imported, or exports none.
 */
export async function runProbe(
  code: string,
  { entry, cwd, timeout, signal }: {
    readonly entry: string;
    readonly cwd: string;
    readonly timeout: number;
    readonly signal: AbortSignal;
  },
): Promise<ApplicationFacts> {
  const folder = await mkdtemp(join(tmpdir(), "gustnado-build-"));
  try {
    const answer = join(folder, "facts.json");
    const program = keptProgram(code) ?? await writtenProgram(code, folder);
    const args = ["run", "-A", "--quiet", "--no-config", "--no-check", program, answer];
    const { code: exitCode, errors } = await outcomeOfDeno(args, { cwd, timeout, signal });
    return factsIn(await readFacts(answer), { entry, timeout, exitCode, errors });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The program in the cache, where Deno finds what it has made of it the last time. */
function keptProgram(code: string): string | null {
  const file = cacheFile([hashOf([code])], ".probe.js");
  if (file === null) return null;
  return useCacheFile(file) || writeCacheFile(file, code) ? file : null;
}

async function writtenProgram(code: string, folder: string): Promise<string> {
  const program = join(folder, "probe.js");
  await writeFile(program, code);
  return program;
}

function factsIn(
  facts: ApplicationFacts | null,
  { entry, timeout, exitCode, errors }: {
    readonly entry: string;
    readonly timeout: number;
    readonly exitCode: number | null;
    readonly errors: string;
  },
): ApplicationFacts {
  if (exitCode === null) {
    throw new BuildError(
      `Cannot build ${entry}: importing it took longer than ${timeout} ms; what it begins belongs ` +
        "into onStart() of the application",
    );
  }
  if (facts === null) {
    throw new BuildError(`Cannot build ${entry}: ${reasonIn(errors, exitCode)}`);
  }
  requireApplication(facts, entry);
  return facts;
}

async function readFacts(path: string): Promise<ApplicationFacts | null> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
}

/** What a program has said last, without its stack, or how it has ended. */
function reasonIn(errors: string, exitCode: number): string {
  const start = errors.lastIndexOf("error: ");
  if (start === -1) {
    const said = errors.trim().split("\n").at(-1) ?? "";
    return `it has ended the process with code ${exitCode}${said === "" ? "" : `: ${said}`}`;
  }
  const text = errors.slice(start + "error: ".length);
  const reason = text.replace(/^Uncaught (?:\(in promise\) )?/, "").split(/\n\s+at /)[0] ?? "";
  return `importing it failed: ${reason.trim()}${isOfMissingFile(reason) ? NO_FILES : ""}`;
}

function isOfMissingFile(reason: string): boolean {
  return /^(?:NotFound|Error: ENOENT)\b/.test(reason) && reason.includes(`${VIRTUAL_ROOT}/`);
}

const NO_FILES =
  "; a bundle has no files but its templates, static files and translations: import what it reads, " +
  `with { type: "text" } or { type: "bytes" }`;

function requireApplication(
  { exports }: ApplicationFacts,
  entry: string,
): void {
  if (
    exports.some(({ name, kind }) => name === "default" && kind === "application")
  ) return;
  const named = exports.find(({ kind }) => kind === "application");
  const wayOut = named === undefined
    ? "write `export default new Application(…)`"
    : `it exports one as ${shown(named.name)}, write \`export default ${named.name}\``;
  throw new BuildError(
    `Cannot build ${entry}: its default export is no application; ${wayOut}`,
  );
}
