import { type Answer, RequestHandler } from "@gustnado/gustnado";
import type { ChatApplication } from "./chat_application.ts";

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

  override get(): Answer {
    this.setHeader("Cache-Control", "no-cache");
    return this.render("index.html");
  }
}
