/** What the requests of one server share: its limits, whom it trusts, and what it holds open. */
import { ApplicationLife } from "./application_life.ts";
import { type TrustedProxies, trustedProxies } from "./client_address.ts";
import type { OpenWork } from "./open_work.ts";
import { isPromiseLike, within } from "../concurrent/coroutine/promise_like.ts";
import { logWarning } from "../log.ts";
import { type ConnectionInfo, detectPlatform, type Platform } from "../platform/platform.ts";
import { settingOf } from "../checks/option_check.ts";
import { WEBSOCKET_SETTINGS, type WebSocketSettings } from "../websocket/settings.ts";
import { SERVER_SETTINGS, type ServerOptions } from "./settings.ts";

/** See the module's summary. */
export class ServerContext {
  /** The runtime beneath. */
  readonly platform: Platform;
  readonly xheaders: boolean | "forwarded";
  readonly protocol: "http" | "https" | undefined;
  readonly maxBodySize: number;
  /** Milliseconds that a body may take; `undefined` for as long as it takes. */
  readonly bodyTimeout: number | undefined;
  readonly decompressRequest: boolean;
  /** Bytes of a WebSocket message, unless a class of handlers says otherwise. */
  readonly maxMessageSize: number;
  /** Milliseconds that a shutdown may take. */
  readonly graceMs: number;
  /** Milliseconds of these for which it still answers. */
  readonly drainMs: number;
  /** Whether errors that nobody caught are logged. */
  readonly logsUnhandled: boolean;
  /** The application's, for all of its servers. */
  readonly life: ApplicationLife;
  /** The proxies whose addresses are skipped; `null` where none is named. */
  readonly trusted: TrustedProxies | null;
  /**
   * The 101 of each request that became a WebSocket, where there is middleware that could put another
   * response in its place.
   */
  upgrades: WeakMap<Request, Response> | undefined;
  /** The server shuts down: what opens now has to end at once. */
  goingAway = false;
  /** What is open, for a graceful shutdown. */
  readonly openWork: OpenWorkList = new OpenWorkList();
  /** What handlers still do after their response: a server that stops waits for it. */
  readonly finishing: Set<Promise<unknown>> = new Set();
  /** The last `Host` that was found valid: nearly every request has the same one. */
  validHost: string | null = null;
  /** What the URLs with that `Host` begin with, up to the first slash of the path. */
  validOrigin: string | null = null;
  /** Somebody asks for request times, so the clock is read when a request arrives. */
  timed = false;

  /** @throws {TypeError} If an entry of `trustedDownstream` is not an address or a range. */
  constructor(
    settings: ServerOptions & Pick<WebSocketSettings, "websocketMaxMessageSize">,
    platform: Platform = detectPlatform(),
    life: ApplicationLife = new ApplicationLife(),
  ) {
    this.platform = platform;
    this.life = life;
    this.graceMs = settingOf(SERVER_SETTINGS, settings, "graceMs");
    this.drainMs = settingOf(SERVER_SETTINGS, settings, "drainMs");
    this.logsUnhandled = settingOf(SERVER_SETTINGS, settings, "unhandledErrors") === "log";
    this.xheaders = settingOf(SERVER_SETTINGS, settings, "xheaders");
    this.protocol = settings.protocol;
    this.maxBodySize = settingOf(SERVER_SETTINGS, settings, "maxBodySize");
    // The option's 0 stands for no limit.
    this.bodyTimeout = settingOf(SERVER_SETTINGS, settings, "bodyTimeout") || undefined;
    this.decompressRequest = settingOf(SERVER_SETTINGS, settings, "decompressRequest");
    this.maxMessageSize = settingOf(WEBSOCKET_SETTINGS, settings, "websocketMaxMessageSize");
    const { trustedDownstream } = settings;
    this.trusted = trustedDownstream === undefined ? null : trustedProxies(trustedDownstream);
  }
}

/**
 * Waits for what handlers still do after their response.
 *
 * @param context Their server's.
 * @param ms Milliseconds that it may take. What has not settled then is given up, with a warning.
 * @returns Whether nothing was given up.
 */
export async function finishWork(
  { finishing }: Pick<ServerContext, "finishing">,
  ms: number,
): Promise<boolean> {
  if (await within(Promise.all(finishing), ms)) return true;
  logWarning("Gave up an onFinish() that has not settled within the grace period");
  return false;
}

// ---- what is open

/**
 * The open work of one server, for a graceful shutdown.
 *
 * Every request that waits for anything goes in and out, so they are linked to each other: a set
 * would cost each of them more than its promise.
 */
export class OpenWorkList {
  #first: OpenWork | undefined;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Lists work that is listed nowhere. */
  add(work: OpenWork): void {
    work.openIn = this;
    work.nextOpen = this.#first;
    if (this.#first !== undefined) this.#first.previousOpen = work;
    this.#first = work;
    this.#size++;
  }

  /** Takes work out, if it is in. */
  delete(work: OpenWork): void {
    if (work.openIn !== this) return;
    const { previousOpen, nextOpen } = work;
    if (previousOpen === undefined) this.#first = nextOpen;
    else previousOpen.nextOpen = nextOpen;
    if (nextOpen !== undefined) nextOpen.previousOpen = previousOpen;
    work.openIn = work.previousOpen = work.nextOpen = undefined;
    this.#size--;
  }

  /** Those that are open now: what is taken out in the meantime comes all the same. */
  list(): OpenWork[] {
    const open: OpenWork[] = [];
    for (let next = this.#first; next !== undefined; next = next.nextOpen) open.push(next);
    return open;
  }
}

// ---- what is still done when a response has left

/** Whose work it is. */
export interface WorkPlace {
  /** The server of the request. */
  readonly server: Pick<ServerContext, "finishing">;
  /** What the runtime knows of its connection. */
  readonly connection: ConnectionInfo | undefined;
  /** Is told of a rejection. */
  readonly report: (error: unknown) => void;
}

/**
 * Sees to it that something is done: a server that stops waits for it, and a runtime that stops what a
 * request has begun is asked not to.
 */
export function keepUntilDone(work: PromiseLike<unknown>, place: WorkPlace): void {
  const { finishing } = place.server;
  const done = keepAlive(work, place);
  finishing.add(done);
  done.then(() => finishing.delete(done));
}

/** As {@linkcode keepUntilDone}, for what a server does not wait for. */
export function keepIfPromise(work: unknown, place: Omit<WorkPlace, "server">): void {
  if (isPromiseLike(work)) void keepAlive(work, place);
}

function keepAlive(
  work: PromiseLike<unknown>,
  { connection, report }: Omit<WorkPlace, "server">,
): Promise<void> {
  // The microtask keeps a `then` that throws inside the promise.
  const done = Promise.resolve(work).then(() => {}, report);
  try {
    connection?.waitUntil?.(done);
  } catch (error) {
    // The runtime takes no more of a request that is over.
    report(error);
  }
  return done;
}
