/** Deno as a platform. */
import { nodeEngine } from "../node/node_engine.ts";
import type { FileStat, FileSystem, Platform, Upgrade } from "../platform.ts";
import {
  calledByRuntimeServer,
  localAddresses,
  onStopSignal,
  onUnhandledError,
  processConsole,
} from "./deno_process.ts";
import { textResponse } from "./deno_response.ts";
import { serve } from "./deno_serve.ts";

/** The platform of Deno 2. */
export function denoPlatform(): Platform {
  return {
    name: "Deno",
    requestHeader,
    packHeaders,
    bufferedBody,
    textResponse,
    serve,
    exit: (code) => Deno.exit(code),
    onStopSignal,
    onUnhandledError,
    calledByRuntimeServer,
    hasLeft,
    nodeEngine,
    upgradeWebSocket,
    isUpgrade,
    terminate,
    files: files(),
    console: processConsole(),
    localAddresses,
  };
}

/**
 * What `Deno.serve` keeps behind a `Request`. It is not public: reading one header through it costs
 * nothing, while touching `request.headers` copies them all and leaves the runtime's synchronous
 * path. So it is used only where each part of it is found, and never relied on.
 */
interface InnerRequest {
  header?: (name: string) => string | null;
  /** All of them, in a list that is made anew each time. */
  readonly headerList?: readonly (readonly [name: string, value: string])[];
  readonly body?: {
    readonly streamOrStatic?: { body?: unknown; consumed?: boolean };
    /** What `Content-Length` says; `null` without one. */
    readonly length?: number | null;
  } | null;
}

let innerSymbol: symbol | undefined;

function innerRequest(request: Request): InnerRequest | undefined {
  innerSymbol ??= Object.getOwnPropertySymbols(request)
    .find((symbol) => symbol.description === "request");
  return innerSymbol && (request as unknown as Record<symbol, InnerRequest>)[innerSymbol];
}

function requestHeader(request: Request, name: string): string | null {
  const inner = innerRequest(request);
  if (typeof inner?.header !== "function") return request.headers.get(name);
  try {
    return inner.header(name);
  } catch {
    // The request is over: only what was read before is still there.
    return request.headers.get(name);
  }
}

/** A list of lists, which `request.headers` would keep, takes three times the memory of their text. */
function packHeaders(request: Request): string | null {
  const inner = innerRequest(request);
  const fields = typeof inner?.header === "function" ? inner.headerList : undefined;
  if (Array.isArray(fields)) return fields.map((field) => field.join("\n")).join("\n");
  // Looking for one field makes the runtime read them all; reading one reads it alone.
  request.headers.has("host");
  return null;
}

function bufferedBody(request: Request): Uint8Array | null {
  const inner = innerRequest(request);
  if (typeof inner?.header !== "function") return null;
  const { body } = inner;
  const held = body?.streamOrStatic;
  if (held?.consumed !== false) return null;
  const declared = typeof body?.length === "number";
  if (!declared && (inner.header("transfer-encoding") ?? "chunked") !== "chunked") return null;
  return held.body instanceof Uint8Array ? held.body as Uint8Array : null;
}

/** What the runtime knows is told a turn after the signal was made. */
async function hasLeft({ signal }: Request): Promise<boolean> {
  await undefined;
  return signal.aborted;
}

function upgradeWebSocket(request: Request, options: { idleTimeout: number }): Upgrade {
  return withoutNotice(() =>
    Deno.upgradeWebSocket(request, { idleTimeout: options.idleTimeout / 1000 })
  );
}

/** The runtime warns of whoever has made the signal of a request: here that was {@linkcode hasLeft}. */
function withoutNotice<T>(upgrade: () => T): T {
  const { warn } = console;
  Reflect.set(console, "warn", () => {});
  try {
    return upgrade();
  } finally {
    Reflect.set(console, "warn", warn);
  }
}

/** A request that was upgraded is over: nothing new can be read of it. */
function isUpgrade(request: Request): boolean {
  const inner = innerRequest(request);
  if (typeof inner?.header !== "function") return true;
  try {
    inner.header("upgrade");
    return false;
  } catch {
    return true;
  }
}

/** What the runtime keeps for itself, of which some is used where it is found. */
interface Core {
  tryClose?(rid: number): void;
  cancelTimer?(timer: unknown): void;
}

/**
 * Closes the connection under a WebSocket. The runtime has no public call for it; without one, a
 * peer that never answers a close frame would hold its socket until TCP gives up. And a peer that has
 * vanished would hold the process, by the timer that waits for its silence.
 */
function terminate(socket: WebSocket): void {
  const core = runtimeCore();
  const rid = hiddenMember(socket, "[[rid]]");
  if (typeof rid === "number") core?.tryClose?.(rid);
  const timer = hiddenMember(socket, "[[idleTimeoutTimeout]]");
  if (timer !== undefined) core?.cancelTimer?.(timer);
}

function runtimeCore(): Core | undefined {
  const { internal } = Deno as unknown as { internal?: symbol };
  return internal && (Deno as unknown as Record<symbol, { core?: Core }>)[internal]?.core;
}

function hiddenMember(object: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(object)
    .find((symbol) => symbol.description === description);
  return symbol && (object as Record<symbol, unknown>)[symbol];
}

function files(): FileSystem {
  return {
    stat: (path) => orNull(() => toFileStat(Deno.statSync(path))),
    realPath: (path) => orNull(() => Deno.realPathSync(path)),
    readFile: (path) => Deno.readFile(path),
    readFileSync: (path) => Deno.readFileSync(path),
    readRange,
    get windows() {
      return Deno.build.os === "windows";
    },
  };
}

function toFileStat(info: Deno.FileInfo): FileStat {
  const { isFile, isDirectory, size, ino } = info;
  const mtime = info.mtime?.getTime() ?? null;
  return { isFile, isDirectory, size, mtime, ctime: info.ctime?.getTime() ?? null, ino };
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    // A name that cannot exist (too long, through a file, with a NUL) is a name that is not there.
    const absent = error instanceof Deno.errors.NotFound || error instanceof TypeError ||
      error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.FilesystemLoop ||
      (error as { code?: string }).code === "ENAMETOOLONG";
    if (absent) return null;
    throw error;
  }
}

/** Half of it costs a third more a byte; more of it would be held for each slow client. */
const CHUNK = 128 * 1024;

function readRange(
  path: string,
  start: number,
  end: number,
): ReadableStream<Uint8Array> {
  const source = readChunks(path, start, end);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // A generator finishes the read at hand before it returns: the file is closed after it.
    async cancel() {
      await source.return();
    },
  }, { highWaterMark: 0 });
}

async function* readChunks(
  path: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, void> {
  using file = await Deno.open(path);
  await file.seek(start, Deno.SeekMode.Start);
  for (let left = end - start; left > 0;) {
    const chunk = new Uint8Array(Math.min(CHUNK, left));
    const read = await file.read(chunk);
    if (read === null) return;
    left -= read;
    yield chunk.subarray(0, read);
  }
}
