/**
 * One application for every runtime: a page that says where it runs, a clock over an event stream, an
 * echo over a WebSocket, and JSON. It has no file beside it, and asks for nothing but the address.
 *
 * README.md says how each runtime is told to serve it.
 */
import {
  Application,
  EventStreamHandler,
  html,
  RequestHandler,
  sleep,
  WebSocketHandler,
} from "@gustnado/gustnado";

/** What the runtime calls itself, without its platform: `Deno/2.9.6`, `Node.js/24`, `Bun/1.4.5`. */
export function runtimeName(): string {
  const { navigator, process } = globalThis as {
    navigator?: { readonly userAgent?: string };
    process?: { readonly version?: string };
  };
  // Node 20 has no navigator.
  return navigator?.userAgent ?? `Node.js/${process?.version?.slice(1).split(".")[0]}`;
}

class Home extends RequestHandler {
  override get() {
    this.write(page(runtimeName()));
  }
}

class Hello extends RequestHandler {
  override get(name: string) {
    this.write({ hello: name, from: runtimeName() });
  }
}

class Clock extends EventStreamHandler {
  override async open() {
    while (true) {
      await this.send({ event: "time", data: new Date().toISOString() });
      await sleep(1_000, { signal: this.signal });
    }
  }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Uint8Array) {
    return this.writeMessage(message);
  }
}

const app: Application = new Application([
  ["/", Home],
  ["/api/hello/:name", Hello],
  ["/clock", Clock],
  ["/echo", Echo],
]);
export default app;

function page(runtime: string) {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Gustnado on ${runtime}</title>
        <link rel="icon" href="data:,">
        <style>
      :root {
        color-scheme: light dark;
        --ground: light-dark(#eef2f7, #0d131c);
        --surface: light-dark(#ffffff, #151d29);
        --line: light-dark(#dbe2ec, #2a3646);
        --text: light-dark(#16202e, #e6ecf4);
        --muted: light-dark(#566477, #9aa9bc);
        --focus: light-dark(#174cb0, #4a86f2);
        --action: light-dark(#1f5fd6, #2b66d9);
      }
      * { box-sizing: border-box; }
      body {
        margin: 0; min-height: 100dvh; padding: 1rem; display: grid; place-content: center;
        background: var(--ground); color: var(--text); overflow-wrap: anywhere;
        font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      }
      main {
        width: min(32rem, 100%); padding: min(2rem, 8vw); border: 1px solid var(--line);
        border-radius: 1.25rem; background: var(--surface);
      }
      h1 { margin: 0 0 1rem; font-size: 1.5rem; letter-spacing: -0.02em; line-height: 1.3; }
      dl { margin: 0; display: grid; gap: 0.75rem; }
      dl > div { padding-block-start: 0.75rem; border-block-start: 1px solid var(--line); }
      dt { color: var(--muted); font-size: 0.875rem; }
      dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; }
      button {
        margin-block-start: 1.25rem; padding: 0.5rem 1rem; border: 0; border-radius: 0.75rem;
        background: var(--action); color: #fff; font: inherit; font-weight: 600;
      }
      :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    </style>
      </head>
      <body>
        <main>
          <h1>One application, every runtime</h1>
          <dl>
            <div>
              <dt>This one runs on</dt>
              <dd>${runtime}</dd>
            </div>
            <div>
              <dt>Its clock, over an event stream</dt>
              <dd id="time">…</dd>
            </div>
            <div>
              <dt>There and back, over a WebSocket</dt>
              <dd><output id="echo">…</output></dd>
            </div>
            <div>
              <dt>JSON</dt>
              <dd id="hello">…</dd>
            </div>
          </dl>
          <button type="button" id="again">Again</button>
        </main>
        <script type="module">
      const show = (id, text) => document.getElementById(id).textContent = text;

      new EventSource("/clock").addEventListener("time", ({ data }) => {
        show("time", new Date(data).toLocaleTimeString());
      });

      const socket = new WebSocket(location.href.replace(/^http/, "ws").replace(/\\/[^/]*$/, "/echo"));
      let sent = 0;
      const ping = () => {
        sent = performance.now();
        socket.send("ping");
      };
      socket.onopen = ping;
      socket.onmessage = () => show("echo", (performance.now() - sent).toFixed(1) + " ms");
      document.getElementById("again").onclick = ping;

      const response = await fetch("/api/hello/you");
      show("hello", await response.text());
    </script>
      </body>
    </html>
  `;
}
