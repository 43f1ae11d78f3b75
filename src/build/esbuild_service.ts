/** The process of esbuild: it is started when it is needed, and has ended when a build is over. */
import childProcess, { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stop, transform } from "esbuild";

let users = 0;
let service: Promise<ChildProcess | undefined> | undefined;

/** Does something that may start esbuild, and ends it. Builds at the same time share the process. */
export async function withEsbuild<Result>(
  work: () => Promise<Result>,
): Promise<Result> {
  users++;
  try {
    return await work();
  } finally {
    if (--users === 0) await end();
  }
}

/** Starts esbuild, which gets ready while something else is done. It is needed before any use of it. */
export function startEsbuild(): void {
  service ??= start();
}

/** esbuild does not tell which process it has started, nor waits for the end of it. */
async function start(): Promise<ChildProcess | undefined> {
  const { spawn } = childProcess;
  const started: ChildProcess[] = [];
  const watched = (...args: Parameters<typeof spawn>) => {
    const child = spawn(...args);
    started.push(child);
    return child;
  };
  Object.assign(childProcess, { spawn: watched });
  try {
    // It is started before the first `await`.
    const ready = transform("");
    Object.assign(childProcess, { spawn });
    await ready;
  } finally {
    Object.assign(childProcess, { spawn });
  }
  return started[0];
}

async function end(): Promise<void> {
  const child = await service?.catch(() => undefined);
  service = undefined;
  // It does not hold the program, but for the end of it.
  child?.ref();
  const ended = child === undefined ? undefined : once(child, "exit");
  await stop();
  await ended;
}
