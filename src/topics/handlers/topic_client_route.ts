/** The browser's client of topics, as servers hand it to pages. */
import { RequestHandler } from "../../web/request_handler.ts";
import type { Route } from "../../web/routing/routing.ts";
import { TOPIC_CLIENT_VERSION } from "./topic_client_version.ts";

/** The name of its route. */
const NAME = "topicClient";
/** Seconds of a year. */
const YEAR = 31_536_000;

/**
 * The route of the browser's client: a module that exports `TopicClient` and `TopicError`.
 *
 * Give pages the URL of {@linkcode topicClientUrl}, which names the version: browsers keep it for a
 * year, and ask for another one as soon as there is one.
 *
 * @param path Where it is. Default `"/topic-client.js"`.
 *
 * @example
 * ```ts
 * import { Application, topicClientRoute, topicClientUrl } from "@gustnado/gustnado";
 *
 * const app = new Application([topicClientRoute()], { uiMethods: { topicClientUrl } });
 * // In a template:
 * // <script type="module">
 * //   import { TopicClient } from "{{ topicClientUrl() }}";
 * //   const client = new TopicClient("/topics");
 * // </script>
 * const script = await app.fetch(new Request("http://localhost/topic-client.js"));
 * console.log((await script.text()).length, "characters");
 * ```
 *
 * @category Topics
 */
export function topicClientRoute(path = "/topic-client.js"): Route {
  return [path, TopicClientHandler, {}, NAME];
}

/**
 * The URL of the browser's client, with its version. In the setting `uiMethods` it is a function of
 * templates.
 *
 * @param handler The handler that makes the page.
 * @throws {Error} If the application has no {@linkcode topicClientRoute}.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, topicClientRoute, topicClientUrl } from "@gustnado/gustnado";
 * import { assertMatch } from "@std/assert";
 *
 * class Home extends RequestHandler {
 *   override get() {
 *     this.write(topicClientUrl(this));
 *   }
 * }
 *
 * const app = new Application([["/", Home], topicClientRoute("/js/topics.js")]);
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertMatch(await response.text(), /^\/js\/topics\.js\?v=/);
 * ```
 *
 * @category Topics
 */
export function topicClientUrl(handler: RequestHandler): string {
  return `${handler.reverseUrl(NAME)}?v=${TOPIC_CLIENT_VERSION}`;
}

/** Answers with the text, which is loaded with the first request. */
class TopicClientHandler extends RequestHandler {
  override async get(): Promise<void> {
    const { TOPIC_CLIENT_TEXT } = await import("./topic_client_text.ts");
    const isCurrent = this.getQueryArgument("v", null) === TOPIC_CLIENT_VERSION;
    this.setHeader("Content-Type", "text/javascript; charset=UTF-8");
    // What has this version elsewhere, before or after, must not be hidden by what is here now.
    this.setHeader(
      "Cache-Control",
      isCurrent ? `max-age=${YEAR}, immutable` : "no-cache",
    );
    this.finish(TOPIC_CLIENT_TEXT);
  }

  override computeEtag(): string {
    return `"${TOPIC_CLIENT_VERSION}"`;
  }
}
