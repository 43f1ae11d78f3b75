/** The script that keeps pages fresh, and the events that it waits for. */
import { EventStreamHandler } from "../event_stream_handler.ts";
import { RequestHandler } from "../request_handler.ts";
import type { ReloadFeed } from "./reload_feed.ts";
import { RELOAD_SCRIPT } from "./reload_script.ts";

/** Milliseconds after which a page looks whether the server is back. */
const RETRY = 200;

/** Sends the script. */
export class ReloadScriptHandler extends RequestHandler {
  /** Answers with it. */
  override get(): void {
    this.setHeader("Content-Type", "text/javascript; charset=UTF-8");
    this.setHeader("Cache-Control", "no-cache");
    this.write(RELOAD_SCRIPT);
  }
}

/** Tells a page which version there is, and of each that follows. */
export class ReloadHandler extends EventStreamHandler {
  #feed: ReloadFeed | undefined;
  #unfollow = (): void => {};

  /** Takes the feed from the route. */
  override initialize({ feed }: { feed: ReloadFeed }): void {
    this.#feed = feed;
  }

  override get retryDelay(): number {
    return RETRY;
  }

  override open(): void {
    const feed = this.#feed;
    if (feed === undefined) return;
    feed.watchFor(this.application);
    this.#unfollow = feed.follow((change) => this.#tell(change));
    void this.send({ retry: RETRY, data: { version: feed.version } }).catch(() => {});
  }

  override onClose(): void {
    this.#unfollow();
  }

  #tell(change: object): void {
    void this.send({ data: change }).catch(() => {});
  }
}
