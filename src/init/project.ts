/** A new project. */
import { BOOLEAN, checkOptions, STRING } from "../checks/option_check.ts";
import { shown } from "../checks/shown.ts";
import { absolutePath, codeOf, isTaken, writeNew } from "../platform/new_files.ts";
import { linkToCheckout } from "./local_manifest.ts";
import { checkName } from "./project_name.ts";
import {
  checkTemplate,
  DEFAULT_TEMPLATE,
  filesOf,
  type ProjectTemplate,
} from "./project_template.ts";

/**
 * How a project is made.
 *
 * @category Servers and runtimes
 */
export interface ProjectOptions {
  /** What it begins as. Default `"api"`. */
  readonly template?: ProjectTemplate;
  /**
   * Writes into a folder that has something in it. Files of the same name are replaced, and named in
   * the result; others stay. Default `false`.
   */
  readonly force?: boolean;
  /** The folder of a checkout of the library, to be used in place of what is published. Default none. */
  readonly local?: string;
}

/**
 * A project that was made.
 *
 * @category Servers and runtimes
 */
export interface CreatedProject {
  /** Its name: that of its folder. */
  readonly name: string;
  /** The absolute path of its folder. */
  readonly folder: string;
  /** What it began as. */
  readonly template: ProjectTemplate;
  /** The paths of its files, from its folder. */
  readonly files: readonly string[];
  /** Those that took the place of others. */
  readonly replaced: readonly string[];
}

const OPTIONS = {
  template: { name: "a template", test: () => true },
  force: BOOLEAN,
  local: STRING,
};

/** What templates are called; the project's own name takes its place. */
const PLACEHOLDER = /\bmy-app\b/g;
/** The line of `.env.example` that each project has a secret of its own for. */
const SECRET_LINE = /^(COOKIE_SECRET=)$/m;
const SECRET_BYTES = 32;

/**
 * Makes a project: a folder with an application, its tests, a README, and what it is deployed with.
 *
 * @param path Its folder, whose name is the project's. It has to be empty, or not there.
 * @throws {TypeError} If an option, the name or the template is not one.
 * @throws {Error} If the folder is not empty, or cannot be written.
 *
 * @example
 * ```ts
 * import { createProject } from "@gustnado/gustnado/init";
 * import { assert } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const { files } = await createProject(`${folder}/my-chat`, { template: "chat" });
 * assert(files.includes("main.ts"));
 * ```
 *
 * @category Servers and runtimes
 */
export async function createProject(
  path: string,
  options: ProjectOptions = {},
): Promise<CreatedProject> {
  checkOptions(options, OPTIONS, "option of createProject()");
  const template = checkTemplate(options.template ?? DEFAULT_TEMPLATE);
  const folder = absolutePath(path);
  const name = folder.split(/[\\/]/).at(-1) ?? "";
  checkName(name);
  const texts = await textsOf(name, template, options);
  const replaced = await writeAll(folder, texts, options.force ?? false);
  return { name, folder, template, files: [...texts.keys()].sort(), replaced };
}

async function textsOf(
  name: string,
  template: ProjectTemplate,
  { local }: ProjectOptions,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [file, text] of Object.entries(filesOf(template))) {
    texts.set(file, text.replace(PLACEHOLDER, name));
  }
  const secrets = texts.get(".env.example");
  if (secrets !== undefined) texts.set(".env", secrets.replace(SECRET_LINE, `$1${newSecret()}`));
  const manifest = texts.get("deno.json");
  if (local !== undefined && manifest !== undefined) {
    texts.set("deno.json", await linkToCheckout(manifest, local));
  }
  return texts;
}

function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  // Node has no toHex().
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Gives the paths of the files that were replaced. */
async function writeAll(
  folder: string,
  texts: ReadonlyMap<string, string>,
  force: boolean,
): Promise<string[]> {
  try {
    if (!force && await isTaken(folder)) throw new TakenError(folder);
    const replaced: string[] = [];
    for (const [file, text] of texts) {
      const options = { replace: force, private: file === ".env" };
      if (await writeNew(`${folder}/${file}`, text, options)) replaced.push(file);
    }
    return replaced.sort();
  } catch (error) {
    throw error instanceof TakenError ? error : writeError(folder, error);
  }
}

/** There is something where the project should be. */
class TakenError extends Error {
  constructor(folder: string) {
    super(
      `Cannot make a project in ${
        shown(folder)
      }: there is something already; name another folder, ` +
        "or let --force replace the files of the same names",
    );
  }
}

/** What the errors of the system mean here. */
const REASONS: Readonly<Record<string, string>> = {
  NotCapable: "the program may not; run it with --allow-read and --allow-write, or -A",
  EACCES: "it belongs to somebody else; name a folder of your own",
  EPERM: "it belongs to somebody else; name a folder of your own",
  EROFS: "nothing can be written there; name another folder",
  EEXIST: "a file is in the way; name another folder",
  ENOTDIR: "a file is in the way; name another folder",
  EISDIR: "a folder is in the way of a file; name another folder",
  ENOSPC: "the disk is full",
};

function writeError(folder: string, error: unknown): Error {
  const reason = REASONS[codeOf(error) ?? ""] ?? (error instanceof Error ? error.message : error);
  return new Error(`Cannot make a project in ${shown(folder)}: ${reason}`, { cause: error });
}
