import { RequestHandler } from "@gustnado/gustnado";
import type { ChatApplication } from "./chat_application.ts";
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from "./protocol.ts";

/** Nothing but the application's own files, and no script or style in the page itself. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page. */
export class IndexHandler extends RequestHandler<ChatApplication> {
  override setDefaultHeaders(): void {
    this.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    this.setHeader("X-Content-Type-Options", "nosniff");
    this.setHeader("Referrer-Policy", "no-referrer");
    this.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  }

  override get(): void {
    this.setHeader("Cache-Control", "no-cache");
    this.write(page({
      icon: this.staticUrl("icon.svg"),
      style: this.staticUrl("chat.css"),
      script: this.staticUrl("chat.js"),
      socket: this.reverseUrl("room"),
    }));
  }
}

/** The URLs in the page. All of them are the application's own, so none needs to be escaped. */
interface PageUrls {
  readonly icon: string;
  readonly style: string;
  readonly script: string;
  readonly socket: string;
}

function page({ icon, style, script, socket }: PageUrls): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="One room, no account.">
  <title>Gustnado chat</title>
  <link rel="icon" href="${icon}" type="image/svg+xml">
  <link rel="stylesheet" href="${style}">
  <script type="module" src="${script}"></script>
</head>
<body data-socket="${socket}">
  <header class="bar">
    <img class="logo" src="${icon}" alt="" width="28" height="28">
    <h1>Gustnado <span>chat</span></h1>
    <p class="status" id="status" role="status"></p>
    <button class="count" id="people-toggle" type="button" aria-expanded="false"
      aria-controls="people-panel" hidden>
      <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" fill="none"
        stroke="currentColor" stroke-width="2.25" stroke-linecap="round">
        <circle cx="12" cy="8" r="4"/><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0"/>
      </svg>
      <span id="count">0</span><span class="visually-hidden"> people here, show them</span>
    </button>
  </header>

  <main class="welcome" id="welcome">
    <form class="card" id="join" novalidate>
      <img class="logo" src="${icon}" alt="" width="56" height="56">
      <h2>Come in</h2>
      <p class="hint">One room, no account. Everybody in it sees your name and your address.</p>
      <label for="name">Your name</label>
      <input id="name" name="name" type="text" required maxlength="${MAX_NAME_LENGTH}"
        autocomplete="nickname" autocapitalize="words" spellcheck="false" enterkeyhint="go"
        aria-describedby="name-error">
      <p class="error" id="name-error" role="alert"></p>
      <button class="primary" type="submit">Join the room</button>
      <noscript><p class="error">The chat needs JavaScript.</p></noscript>
    </form>
  </main>

  <div class="room" id="room" hidden>
    <aside class="people" id="people-panel" aria-labelledby="people-title">
      <h2 id="people-title">In the room</h2>
      <ul id="people"></ul>
    </aside>
    <main class="conversation">
      <div class="scroller" id="scroller" tabindex="0" role="region" aria-label="Conversation">
        <p class="empty" id="empty">Nothing was said yet. Say hello.</p>
        <ol class="log" id="log" role="log" aria-live="polite" aria-label="Messages"></ol>
      </div>
      <button class="newer" id="newer" type="button" hidden>New messages</button>
      <form class="composer" id="composer" novalidate>
        <p class="notice" id="notice" role="alert"></p>
        <label class="visually-hidden" for="text">Message</label>
        <textarea id="text" name="text" rows="1" maxlength="${MAX_TEXT_LENGTH}"
          placeholder="Write a message" autocomplete="off" enterkeyhint="send"
          aria-describedby="notice keys"></textarea>
        <button class="primary send" type="submit" aria-label="Send">
          <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
            <path d="M4 12 20 4l-5 16-3.5-6.5z" fill="none" stroke="currentColor"
              stroke-width="2" stroke-linejoin="round"/>
          </svg>
        </button>
        <p class="keys" id="keys"><kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd>
          begins a new line</p>
      </form>
    </main>
  </div>
</body>
</html>
`;
}
