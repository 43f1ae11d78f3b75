/**
 * The program that makes projects, and the projects that it makes.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ChildServer } from "./child_server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROGRAM = `${ROOT}src/init/mod.ts`;

/** What a program did. */
export interface ProgramResult {
  /** What it ended with. */
  readonly code: number;
  /** What it printed. */
  readonly out: string;
  /** What it printed of errors. */
  readonly errors: string;
}

/**
 * Runs the program that makes projects.
 *
 * @param args Its command line.
 * @param options Its folder, and what it may; by default it may read and write.
 */
export function runInit(
  args: readonly string[],
  options: { readonly cwd?: string; readonly permissions?: readonly string[] } = {},
): Promise<ProgramResult> {
  const { cwd = ROOT, permissions = ["--allow-read", "--allow-write"] } = options;
  const flags = ["--quiet", "--no-check", "--no-prompt", `--config=${ROOT}deno.json`];
  return runDeno(["run", ...flags, ...permissions, PROGRAM, ...args], cwd);
}

async function runDeno(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const [out = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, errors };
}

/** A project that the program has made, until it is disposed. */
export class NewProject implements AsyncDisposable {
  /** Its folder. */
  readonly folder: string;
  readonly #parent: string;

  private constructor(parent: string) {
    this.#parent = parent;
    this.folder = `${parent}/my-project`;
  }

  /** Makes one that uses this tree, and tells what was printed. */
  static async make(template: string): Promise<NewProject> {
    const project = new NewProject(await Deno.makeTempDir({ prefix: "gustnado-" }));
    const { code, errors } = await runInit(
      [project.folder, "--template", template, "--local", ROOT],
    );
    assertEquals([code, errors], [0, ""]);
    return project;
  }

  /** Runs Deno in it, which has to succeed. */
  async deno(...args: string[]): Promise<ProgramResult> {
    const result = await runDeno(args, this.folder);
    assertEquals(result.code, 0, `deno ${args.join(" ")}:\n${result.out}${result.errors}`);
    return result;
  }

  /**
   * Starts it by its task, on a free port.
   *
   * @param args More of its command line.
   * @param env More of its environment, such as `NAME=value`.
   */
  start(args: readonly string[] = [], env: readonly string[] = []): Promise<ChildServer> {
    const task = [Deno.execPath(), "task", `--cwd=${this.folder}`, "start", ...args];
    return ChildServer.start({
      program: "/usr/bin/env",
      args: ({ port }) => [`PORT=${port}`, ...env, ...task],
    });
  }

  /** Starts it by its task on a port that makes no sense. */
  startAt(port: string): Promise<ProgramResult> {
    return runDeno(["task", "start"], this.folder, { PORT: port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#parent, { recursive: true });
  }
}
