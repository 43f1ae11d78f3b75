/**
 * A chat without WebSockets: a request for news waits on a `Condition` until there are any.
 *
 * `deno run --allow-net examples/long_polling_chat.ts`, then http://localhost:8888 in two windows.
 */
import { Application, Condition, RequestHandler } from "@gustnado/gustnado";

/** What someone has said. */
export interface Message {
  /** Counts up from 1. */
  readonly id: number;
  /** The text. */
  readonly text: string;
}

/** The last messages, and everyone who waits for the next. */
class Room {
  readonly #messages: Message[] = [];
  readonly #news = new Condition();
  #lastId = 0;

  constructor(readonly patience: number) {}

  /** The messages after one; if there are none, waits for some, but not for ever. */
  async messagesAfter(id: number, signal: AbortSignal): Promise<Message[]> {
    if (this.#lastId <= id) await this.#news.wait({ timeout: this.patience, signal });
    return this.#messages.filter((message) => message.id > id);
  }

  add(text: string): Message {
    const message = { id: ++this.#lastId, text };
    this.#messages.push(message);
    // Who has been away for longer has missed something; memory stays bounded.
    if (this.#messages.length > 200) this.#messages.shift();
    this.#news.notifyAll();
    return message;
  }
}

/** The application: its room is what the handlers share. */
export class Chat extends Application {
  readonly room: Room;

  /**
   * Makes an empty chat.
   *
   * @param patience Milliseconds until a request for news is answered with none: fewer than a server
   *   that shuts down waits for its requests.
   */
  constructor(patience = 5_000) {
    super([["/", PageHandler], ["/messages", MessagesHandler]]);
    this.room = new Room(patience);
  }
}

class MessagesHandler extends RequestHandler<Chat> {
  override async get(): Promise<void> {
    const after = Number(this.getQueryArgument("after", "0")) || 0;
    // A client that leaves must not go on waiting.
    this.write(await this.application.room.messagesAfter(after, this.request.signal));
  }

  override post(): void {
    this.setStatus(201);
    this.write({ ...this.application.room.add(this.getBodyArgument("text").slice(0, 1_000)) });
  }
}

class PageHandler extends RequestHandler<Chat> {
  override get(): void {
    this.write(PAGE);
  }
}

const PAGE = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Chat</title>
<style>
  :root { color-scheme: light dark }
  body { background: light-dark(#eef2f7, #0d131c); color: light-dark(#16202e, #e6ecf4);
    font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 40rem; overflow-wrap: anywhere; padding: 1rem }
  form { display: flex; flex-wrap: wrap; gap: .5rem }
  input, button { border: 1px solid #7b8aa0; border-radius: .75rem; font: inherit; padding: .5rem 1rem }
  input { background: light-dark(#fff, #1d2735); box-sizing: border-box; flex: 1 8rem; min-width: 0 }
  button { background: #1f5fd6; border-color: #1f5fd6; color: #fff }
  :focus-visible { outline: 3px solid light-dark(#174cb0, #4a86f2); outline-offset: 2px }
  ol { list-style: none; padding: 0 }
  li { background: light-dark(#fff, #151d29); border-radius: .75rem; margin-top: .5rem; padding: .5rem 1rem }
</style>
<main>
  <h1>Chat</h1>
  <form>
    <input name="text" aria-label="Message" autocomplete="off" maxlength="1000" required autofocus>
    <button>Send</button>
  </form>
  <div role="log" aria-label="Messages"><ol></ol></div>
</main>
<script type="module">
  const form = document.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    form.reset();
    await fetch("/messages", { method: "POST", body });
  });
  async function news(after) {
    try {
      const response = await fetch("/messages?after=" + after);
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
  for (let after = 0, pause = 500; ;) {
    const messages = await news(after);
    for (const { id, text } of messages ?? []) {
      const item = document.createElement("li");
      item.textContent = text;
      document.querySelector("ol").append(item);
      after = id;
    }
    // A server that is down or busy is asked again, less and less often.
    if (messages === null) await new Promise((resolve) => setTimeout(resolve, pause));
    pause = messages === null ? Math.min(pause * 2, 30_000) : 500;
  }
</script>
`;

if (import.meta.main) new Chat().listen(8888);
