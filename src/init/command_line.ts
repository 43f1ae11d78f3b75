/** The making of projects as a program. */
import { shown } from "../checks/shown.ts";
import { runningProgram, setExitCode } from "../platform/program.ts";
import { ask, isInteractive } from "../platform/terminal.ts";
import { type CreatedProject, createProject, type ProjectOptions } from "./project.ts";
import {
  checkTemplate,
  DEFAULT_TEMPLATE,
  type ProjectTemplate,
  TEMPLATES,
} from "./project_template.ts";

const HELP =
  `Makes a project: an application with its tests, a README, and what it is deployed with.

  deno run -A jsr:@gustnado/gustnado/init my-app [option…]

  --template NAME  what it begins as; asked for in a terminal, else ${DEFAULT_TEMPLATE}:
${listOf(TEMPLATES)}
  --force          write into a folder that is not empty, and replace the files of the same names
  --local FOLDER   use a checkout of the library in place of what is published

Exits with 2 if it could not be made.`;

function listOf(templates: Readonly<Record<string, string>>): string {
  return Object.entries(templates)
    .map(([name, description]) => `                     ${name.padEnd(6)}${description}`).join(
      "\n",
    );
}

/** The options that a value follows. */
const VALUES = ["template", "local"];

/** What a command line asks for. */
export interface InitCommand {
  /** The folder of the project. */
  readonly folder: string;
  readonly options: ProjectOptions;
}

/**
 * Reads a command line.
 *
 * @throws {TypeError} If it cannot be understood.
 */
export function parseCommand(args: readonly string[]): InitCommand {
  const rest = args.flatMap(splitAtEquals);
  const folders: string[] = [];
  const given = new Map<string, string>();
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (next.startsWith("-")) readFlag(next, rest, given);
    else folders.push(next);
  }
  const [folder, another] = folders;
  if (folder === undefined) throw new TypeError("Cannot make a project without a name: see --help");
  if (another !== undefined) {
    throw new TypeError(`Cannot make two projects at once, ${shown(folder)} and ${shown(another)}`);
  }
  const [template, local] = VALUES.map((name) => given.get(name));
  return {
    folder,
    options: {
      force: given.has("force"),
      ...(template !== undefined && { template: checkTemplate(template) }),
      ...(local !== undefined && { local }),
    },
  };
}

/** `--template=api` is the same as `--template api`. */
function splitAtEquals(arg: string): string[] {
  const equals = arg.indexOf("=");
  return arg.startsWith("--") && equals > 0 ? [arg.slice(0, equals), arg.slice(equals + 1)] : [arg];
}

function readFlag(flag: string, rest: string[], given: Map<string, string>): void {
  const name = flag.replace(/^--/, "");
  if (name === "force") return void given.set(name, "");
  if (!VALUES.includes(name)) throw new TypeError(`Unknown option ${flag}: see --help`);
  const value = rest.shift();
  if (value === undefined || value.startsWith("--")) {
    throw new TypeError(`Cannot use ${flag}: a value has to follow it`);
  }
  given.set(name, value);
}

/**
 * What to do next, for people.
 *
 * @param folder Where it is, as they call it.
 */
export function formatProject(
  { name, template, replaced }: CreatedProject,
  folder: string,
): string {
  return [
    ...replaced.map((file) => `replaced ${file}`),
    `${name} is made, from the template ${template}:`,
    "",
    `  cd ${quoted(folder)}`,
    "  deno task dev    # http://localhost:8888, starts again when a file changes",
    "  deno task test",
    "",
    "README.md says what is where, DEPLOYMENT.md how it is deployed.",
  ].join("\n");
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

async function askForTemplate(): Promise<ProjectTemplate> {
  const names = Object.keys(TEMPLATES);
  const list = Object.entries(TEMPLATES)
    .map(([name, description], index) => `  ${index + 1}  ${name.padEnd(6)}${description}`);
  console.log(["What does it begin as?", ...list].join("\n"));
  const answer = await ask(`Number or name (${DEFAULT_TEMPLATE}): `);
  if (answer === null) throw new TypeError("Cannot go on without an answer: give --template");
  const text = answer.trim();
  return checkTemplate(text === "" ? DEFAULT_TEMPLATE : names[Number(text) - 1] ?? text);
}

/** Runs the program, and sets the exit code of the process. */
export async function main(): Promise<void> {
  const args = runningProgram().args;
  if (args.includes("--help") || args.includes("-h")) return console.log(HELP);
  try {
    const { folder, options } = parseCommand(args);
    const asked = options.template === undefined && isInteractive();
    const template = asked ? { template: await askForTemplate() } : {};
    const project = await createProject(folder, { ...options, ...template });
    console.log(formatProject(project, folder));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    setExitCode(2);
  }
}
