/** A listening socket that opens again when the runtime has closed it by itself. */
import type { ConnectionInfo, ListenAddress, PlatformServer } from "../platform/platform.ts";
import { isOutOfFiles, leaveOutLines } from "../platform/unmapped_stacks.ts";
import { logWarning } from "../log.ts";

/** What answers the requests. */
export type Answer = (request: Request, info: ConnectionInfo) => Response | Promise<Response>;

/** Opens the socket; on this address where it was open before. */
export type OpenSocket = (answer: Answer, former: ListenAddress | undefined) => PlatformServer;

/** The first pause; each further one is twice as long. */
const MIN_PAUSE = 100;
const MAX_PAUSE = 1_000;
/** A socket that stays open for so long is well again. */
const WELL_AFTER = 10_000;

/**
 * Listens, also after the process ran out of file descriptors: the runtime stops a server whose
 * `accept` fails, where other servers only pause. Connections that are open go on.
 */
export class SteadyListener {
  /** Settles when it was shut down and everything that it held open is closed; never rejects. */
  readonly finished: Promise<void>;
  readonly #open: OpenSocket;
  readonly #answer: Answer;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #former: PlatformServer[] = [];
  #current: PlatformServer;
  #served = false;
  #stopping = false;
  #pause = 0;

  /**
   * Listens at once.
   *
   * @throws What the runtime throws if it cannot.
   */
  constructor(open: OpenSocket, answer: Answer) {
    this.#open = open;
    this.#answer = (request, info) => {
      this.#served = true;
      return answer(request, info);
    };
    this.#current = open(this.#answer, undefined);
    this.finished = this.#watch();
  }

  /** Where it listens. */
  get addr(): ListenAddress {
    return this.#current.addr;
  }

  /** Lets nobody connect any more, where that can be; see `PlatformServer.withdraw`. */
  withdraw(): void {
    this.#current.withdraw?.();
  }

  /** Stops accepting, and lets requests in flight finish. */
  shutdown(): void {
    this.#stopping = true;
    this.#stopped.resolve();
  }

  async #watch(): Promise<void> {
    while (!this.#stopping) {
      const opened = performance.now();
      const failure = await Promise.race([this.#stopped.promise, failureOf(this.#current)]);
      if (failure !== undefined) await this.#openAgain(failure.error, performance.now() - opened);
      else if (!this.#stopping) return;
    }
    const servers = [this.#current, ...this.#former];
    await Promise.all(servers.map((server) => server.shutdown().catch(() => {})));
  }

  async #openAgain(error: unknown, age: number): Promise<void> {
    if (isOutOfFiles(error)) leaveOutLines();
    if (age >= WELL_AFTER) this.#pause = 0;
    if (this.#pause === 0) this.#tell(error);
    this.#setAside();
    do {
      this.#pause = Math.min(MAX_PAUSE, Math.max(MIN_PAUSE, this.#pause * 2));
      await this.#wait(this.#pause);
    } while (!this.#stopping && !this.#tryToOpen());
  }

  /** One whose connections have asked for nothing yet has nothing that must go on. */
  #setAside(): void {
    if (this.#served) this.#former.push(this.#current);
    else void this.#current.shutdown().catch(() => {});
    this.#served = false;
  }

  #tryToOpen(): boolean {
    try {
      this.#current = this.#open(this.#answer, this.addr);
      return true;
    } catch {
      return false;
    }
  }

  async #wait(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
    await Promise.race([over, this.#stopped.promise]);
    clearTimeout(timer);
  }

  #tell(error: unknown): void {
    const { hostname, port, path } = this.addr;
    const reason = error instanceof Error ? error.message : String(error);
    logWarning(
      `Cannot accept connections on ${path ?? `${hostname}:${port}`} for the moment: ${reason}`,
    );
  }
}

/** What the server fails with; nothing if it ends well. */
function failureOf(server: PlatformServer): Promise<{ readonly error: unknown } | undefined> {
  return server.finished.then(() => undefined, (error) => ({ error }));
}
