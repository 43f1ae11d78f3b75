/** The command line of the program that runs an application in development. */
import { runningProgram, setExitCode } from "../platform/program.ts";
import { Supervisor } from "./supervisor.ts";

const HELP = `Runs an application, and starts it again when one of its modules changes.

  deno run -A jsr:@gustnado/gustnado/dev [option…] [flag of deno run…] main.ts [argument…]

  --watch=PATH[,…]   files and directories that count as modules, such as data that is read at the start
  --poll[=MS]        look at the files every so often (500), where the system does not tell of changes,
                     as in the directories that some containers mount
  --port=N           where to show what is wrong before the application has listened once; otherwise
                     what PORT says, or the number in the first listen(…) of its modules
  --hostname=HOST    the address for that (127.0.0.1)

Any other flag before the file goes to deno run, in the form --flag=value; without one that begins with
--allow, the application gets -A. Its arguments stand behind the file.`;

/** What a command line asks for. */
export interface DevCommand {
  /** The main module of the application. */
  readonly main: string;
  /** What it is told. */
  readonly args: readonly string[];
  /** The flags of `deno run`. */
  readonly flags: readonly string[];
  /** What is watched beside the modules. */
  readonly watch: readonly string[];
  /** Milliseconds between two looks at the files; `undefined` to be told by the system. */
  readonly poll: number | undefined;
  /** The port for errors before the first start. */
  readonly port: number | undefined;
  /** The address for them. */
  readonly hostname: string;
}

/** Milliseconds between two looks, unless it is said. */
const POLL = 500;

/**
 * Reads a command line.
 *
 * @throws {TypeError} If it cannot be understood.
 */
export function parseCommand(args: readonly string[]): DevCommand {
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  const main = args[at];
  if (main === undefined) throw new TypeError("Cannot tell what to run: name a file, see --help");
  const before = args.slice(0, at);
  const flags = before.filter((flag) => !/^--(?:watch|poll|port|hostname)(?:=|$)/.test(flag));
  return {
    main,
    args: args.slice(at + 1),
    flags: flags.some(isPermission) ? flags : ["-A", ...flags],
    watch: valueOf(before, "watch")?.split(",").filter((path) => path !== "") ?? [],
    poll: pollOf(before),
    port: portOf(valueOf(before, "port")),
    hostname: valueOf(before, "hostname") ?? "127.0.0.1",
  };
}

function isPermission(flag: string): boolean {
  return /^(?:--allow-|--permission-set|-[A-Z])/.test(flag);
}

function valueOf(flags: readonly string[], name: string): string | undefined {
  const start = `--${name}`;
  const flag = flags.find((flag) => flag === start || flag.startsWith(`${start}=`));
  const value = flag?.slice(start.length + 1);
  if (value === "") throw new TypeError(`Cannot use ${flag}: write ${start}=… with a value`);
  return value;
}

function pollOf(flags: readonly string[]): number | undefined {
  if (flags.includes("--poll")) return POLL;
  const value = valueOf(flags, "poll");
  if (value === undefined) return undefined;
  const ms = Number(value);
  if (Number.isInteger(ms) && ms >= 10) return ms;
  throw new TypeError(`Cannot use --poll=${value}: expected whole milliseconds from 10`);
}

function portOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new TypeError(`Cannot use --port=${value}: expected a whole number from 1 to 65535`);
}

/** Runs the program, and sets the exit code of the process. */
export async function main(): Promise<void> {
  const args = runningProgram().args;
  if (args[0] === "--help" || args[0] === "-h") return console.log(HELP);
  try {
    setExitCode(await new Supervisor(parseCommand(args)).run());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    setExitCode(2);
  }
}
