/** A server that the runtime has made and owns: that of `deno serve`. */
import { whenSettled, within } from "../concurrent/coroutine/promise_like.ts";
import { startBackgroundTimer } from "../platform/timer.ts";
import { logWarning } from "../log.ts";
import { leaveLife } from "./application_life.ts";
import { processEnd } from "./process_end.ts";
import { finishWork, type ServerContext } from "./server_context.ts";
import { logUnhandledErrors } from "./unhandled_errors.ts";

const POLL = 10;
/** How long an onFinish and callbacks may take that come after the grace period. */
const LAST_GRACE = 1_000;

const joined = new WeakSet<ServerContext>();

/**
 * Does for such a server what `listen` does for one of its own: errors that nobody caught are logged,
 * and a signal ends what is open, runs the callbacks, and ends the process at last. The runtime hears
 * the signal as well, stops accepting and waits for what is in flight, without limit.
 *
 * @param byRuntime Whether there is such a server. Only the first time that there is one counts.
 */
export function joinRuntimeServer(
  context: ServerContext,
  byRuntime: boolean | Promise<boolean>,
): void {
  if (byRuntime === false) return;
  void whenSettled(byRuntime, (joins) => {
    if (joins && !joined.has(context)) join(context);
  });
}

function join(context: ServerContext): void {
  const { platform, life, logsUnhandled } = context;
  joined.add(context);
  // It has started already: the request that says so waits for that.
  void life.enter();
  if (logsUnhandled) logUnhandledErrors(platform);
  processEnd(platform).add(() => endWithin(context, context.graceMs), true);
}

async function endWithin(context: ServerContext, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  context.goingAway = true;
  const stopped = context.platform.stopRuntimeServer?.();
  stopped?.catch(() => {});
  for (const work of context.openWork.list()) work.goAway();
  const inTime = await within(emptied(context, end), ms) && context.openWork.size === 0;
  if (!inTime) logWarning("Cutting connections that are open after the grace period");
  for (const work of context.openWork.list()) work.cut();
  const timeLeft = () => Math.max(LAST_GRACE, end - performance.now());
  const finished = await finishWork(context, timeLeft());
  const called = await leaveLife(context.life, timeLeft());
  if (stopped !== undefined) {
    return await within(stopped, timeLeft()) && inTime && finished && called;
  }
  // What the runtime still has to send is not known here: it ends by itself when that is done.
  await backgroundPause(end - performance.now());
  return inTime && finished && called;
}

async function emptied({ openWork }: ServerContext, end: number): Promise<void> {
  while (openWork.size > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

function backgroundPause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0 || startBackgroundTimer(resolve, ms) === null) resolve();
  });
}
