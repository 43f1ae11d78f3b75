/**
 * The rules that run inside workerd: whole test files, by what they are about, and what of them does not
 * run there, or not as an application is built, with the reason.
 *
 * @module
 */
import type { NamedTests } from "../support/worker_tests.ts";

/** The test files, as paths in `tests/`. Those of one kind become one bundle. */
export const FILES: Readonly<Record<string, readonly string[]>> = {
  "handlers": [
    "application_settings",
    "async_callbacks",
    "async_life_cycle",
    "decorators",
    "disconnect",
    "fallback_handler",
    "life_cycle",
    "logging",
    "login",
    "methods",
    "mistakes",
    "options",
    "unanswering_stores",
    "validation",
    "wait_until",
  ].map((name) => `web/${name}_test.ts`),
  "middleware": [
    "basic_auth",
    "bearer_auth",
    "cors",
    "host_allow_list",
    "middleware",
    "rate_limit",
    "request_id",
    "security_headers",
    "stack",
    "timeout",
  ].map((name) => `web/middleware/${name}_test.ts`),
  "requests": [
    "arguments",
    "body_limits",
    "body_timeout",
    "forms",
    "incoming_request",
    "request_body",
  ]
    .map((name) => `web/request/${name}_test.ts`),
  "responses and routes": [
    ...[
      "compression",
      "conditional",
      "cookies",
      "error_page",
      "redirect",
      "returned_response",
      "secure_cookies",
    ].map((name) => `web/response/${name}_test.ts`),
    ...["routing", "route_index"].map((name) => `web/routing/${name}_test.ts`),
  ],
  "sessions, signed cookies and XSRF": [
    ...["session_concurrency", "session_lifetime", "session_response", "session", "settings"]
      .map((name) => `web/session/${name}_test.ts`),
    ...[
      "cookie_secret",
      "safe_next",
      "sealed_value",
      "signature",
      "signed_cookies",
      "signed_interop",
      "signed_value",
      "xsrf_origin",
      "xsrf",
    ].map((name) => `web/signed/${name}_test.ts`),
  ],
  "templates": [
    ...["loader", "parse_error", "template", "vectors"].map((name) => `template/${name}_test.ts`),
    "web/pages/render_test.ts",
    "web/pages/template_guide_test.ts",
  ],
  "static files": [
    ...[
      "cache",
      "file",
      "media_type",
      "override",
      "path",
      "precompressed",
      "range",
      "safety",
      "single_page",
      "spelling",
    ].map((name) => `web/static/static_${name}_test.ts`),
    "workers/asset_handler_test.ts",
  ],
  "WebSockets": [
    ...[
      "async_hooks",
      "disconnect",
      "frames",
      "handshake",
      "hooks",
      "limits",
      "origin",
      "ping",
      "subprotocol",
      "upgrade",
      "write_message",
    ].map((name) => `websocket/${name}_test.ts`),
    "websocket/client/client_link_test.ts",
    "websocket/client/connect_options_test.ts",
    "websocket/json_rpc/json_rpc_handler_test.ts",
    "websocket/json_rpc/specification_test.ts",
  ],
  "topics": [
    "topics/application_topics_test.ts",
    "topics/feed/topic_feed_test.ts",
    ...[
      "client_frame",
      "plain_publications",
      "postponed_requests",
      "resume_token",
      "session",
      "topic_client_route",
      "topic_handler",
      "topic_subscriptions",
    ].map((name) => `topics/handlers/${name}_test.ts`),
    ...["handover", "memory_broker", "recent_producers", "topic_history"]
      .map((name) => `topics/memory/${name}_test.ts`),
    "topics/topic_hub_test.ts",
    "topics/topics_test.ts",
    "workers/object_broker_test.ts",
    "workers/sleeping_socket_test.ts",
  ],
};

const NO_CPU_CLOCK = "workerd has no clock of the CPU, and no switches of V8";
const NO_LEAVING = "workerd does not tell that a client has left";
const NO_ADDRESS = "workerd does not tell the address of a client";
const NO_CUT = "workerd cannot drop a connection without the close frame of its peer";
const NO_BYTES_UNSENT = "workerd does not tell how much is unsent";
const NO_CODE = "no module is made from text";
const NO_LINKS = "files of a bundle have no links, and are nothing but files";
const NO_DISK = "there are no files but those of the bundle";
const NO_HEAD = "workerd sends no head before the first bytes of the body";
const OWN_SOCKET = "the rule makes a socket of Deno's own";
const PLAIN_URLS = "workerd hands over paths and hosts in their normal form";
const EMPTY_FIELDS = "workerd does not send a field that is empty";
const NO_PROGRAM = "a worker starts no program";
const TOO_LONG = "it takes too long";

/** What does not run there, and why. A test whose name one of the patterns matches is meant. */
export const SKIPPED: NamedTests = [
  [/\blinear\b|costs about what|constant time|in proportion to/, NO_CPU_CLOCK],
  [/^traceback is served with/, "stacks name the bundle, and there are no source files to show"],
  [/^file that a browser's FormData sends/, "FormData of workerd does not send CRLF for LF"],
  [/^patterns match whole paths/, "URLPattern of workerd gives numbered groups in another order"],
  [
    /^RegExp or URLPattern that could take minutes/,
    "URLPattern of workerd refuses the pattern itself",
  ],
  [/^access log has a line for each request/, NO_ADDRESS],
  [/without a method is a 405 \(over a socket\)$|^redirect to "" leads to nothing/, EMPTY_FIELDS],
  [/^request of another origin is a 403, .* \(over a socket\)$/, EMPTY_FIELDS],
  [/^method that is named like a member/, "workerd answers methods that it does not know"],
  [/^request for http:.* in the absolute form/, PLAIN_URLS],
  [/^the access log says why a token was refused|^middleware stands around every kind/, NO_DISK],
  [/^middleware leaves conditional requests alone|^middleware further out stands/, NO_DISK],
  [/^timeout counts from the start of a request/, "timers of workerd and made-up ones meet"],
  [
    /^Hono application is mounted|^stream that fails breaks the response off/,
    "workerd does not log streams",
  ],
  [/cannot be changed when the head was sent$|^head of a flushed response cannot be/, NO_HEAD],
  [/client (?:has left|leaves|does not read)|client that leaves|gives up in process/, NO_LEAVING],
  [/^no change of a single byte of a sealed value/, "workerd sets 10,000 timers at most"],
  [/^sealed value is AES-256-GCM/, "node:crypto of workerd takes no text without an encoding"],
  [/^the text is a module that/, NO_CODE],
  [/^loader refuses every name that leaves its root/, NO_LINKS],
  [/symbolic link|^link that one route may follow|^device and socket are a 403/, NO_LINKS],
  [/^static file may be served from a directory below|^static content is there for/, NO_DISK],
  [/^path that (?:leaves the root|comes back)|^file behind a guard is not reached/, PLAIN_URLS],
  [/^frame with text that is not UTF-8/, "workerd takes text that is not UTF-8"],
  [
    /^frame with a ping of 126 bytes|^close frame with code 999/,
    "workerd takes long pings, and close codes that are none",
  ],
  [/^client that ignores a close frame|^client that does not answer pings/, NO_CUT],
  [/^client that is known to have left|^client that leaves without answering/, NO_LEAVING],
  [/^upgrade by a fetch function that is mounted|^socket that fails before it is open/, OWN_SOCKET],
  [/^upgrade leaves out what would break/, "workerd sends no date"],
  [/^request stays readable after the upgrade/, NO_ADDRESS],
  [/^writeMessage sends half a character/, "workerd sends half a character as three"],
  [/^client that sends nonsense and does not read/, NO_BYTES_UNSENT],
  [/^client that asks for 100,000 topics/, TOO_LONG],
  [/^client that does not read is closed with a code/, NO_BYTES_UNSENT],
  [/^token of one user, or of one class/, "clients of workerd send no header fields"],
  [/^memory log of ever new topics|^500 connections get every/, TOO_LONG],
];

const NO_END = "there is no server that ends";
const MALFORMED = "what is malformed fails the build";
const UNSEEN = "the build sees no folder, and no template, that is made later";

/** Every rule of a file. */
export const ALL: RegExp = /(?:)/;

/**
 * What does not hold of a bundle that is built, by file, and why: it runs in one that a bundler makes, of
 * which nothing is left out.
 */
export const UNBUILT: Readonly<Record<string, NamedTests>> = {
  "template/loader_test.ts": [
    [/^loader (?:reads|tells|says|touches|skips)|^a loader of one's own/, UNSEEN],
    [/^loader reports a template|^a template that extends or includes itself/, MALFORMED],
    [/^a missing template is an error|^includes that multiply are refused/, MALFORMED],
    [/^an unknown whitespace mode|^mistake in an expression/, MALFORMED],
  ],
  "template/parse_error_test.ts": [[ALL, MALFORMED]],
  "template/template_test.ts": [
    [/^names of the template system are reserved/, MALFORMED],
    [/^autoescape may be a function/, "the build cannot tell a function that escapes from another"],
  ],
  "template/vectors_test.ts": [
    [
      /^an exclamation mark keeps|^break stands in a loop|^a parse error has its place/,
      MALFORMED,
    ],
  ],
  "web/async_life_cycle_test.ts": [
    [/^response does not wait for an async onFinish, but a shutdown does/, NO_END],
    [/^shutdown does not wait for an onFinish beyond its grace/, NO_END],
  ],
  "web/pages/render_test.ts": [
    [/^templates come from templatePath|^edits show at once|^a cached page touches no/, UNSEEN],
  ],
  "web/unanswering_stores_test.ts": [[ALL, NO_END]],
  "web/session/session_response_test.ts": [
    [/^server that shuts down does not wait for a store that never/, NO_END],
  ],
  "web/wait_until_test.ts": [[/^server that stops waits for waitUntil/, NO_END]],
  "topics/handlers/topic_handler_test.ts": [
    [/^server that shuts down asks clients to come back/, NO_END],
  ],
};

/** Files of these rooms that do not run there at all, by their beginnings, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "template/compile": NO_CODE,
  "template/fuzz": "its templates are made up at random, and compiled as they come",
  "template/no_code_generation": NO_PROGRAM,
  "topics/broadcast/": "workerd has neither BroadcastChannel nor locks",
  "topics/browser/": "it is the client of browsers",
  "topics/chaos": NO_PROGRAM,
  "topics/handlers/presence": "clients of workerd send no header fields",
  "topics/handlers/topic_stream_handler": NO_LEAVING,
  "topics/nats/": "workers do not keep a connection to NATS",
  "topics/parallel_topics": NO_PROGRAM,
  "topics/presence/": TOO_LONG,
  "topics/redis/": "workers do not keep a connection to Redis",
  "topics/topic_model": TOO_LONG,
  "web/async_hooks": NO_LEAVING,
  "web/client_left": NO_LEAVING,
  "web/development/": NO_DISK,
  "web/event_stream_handler": "it drives a browser",
  "web/memory": "workerd does not tell its memory",
  "web/middleware/redis_rate_limit_store": "workers do not keep a connection to Redis",
  "web/pages/precompiled": NO_CODE,
  "web/request/http_server_request": NO_ADDRESS,
  "web/response/early_response": NO_LEAVING,
  "web/response/framing": OWN_SOCKET,
  "web/response/header_bytes": NO_PROGRAM,
  "web/response/response_fields": NO_PROGRAM,
  "web/response/response_stream": NO_LEAVING,
  "web/response/vary_cookie": NO_DISK,
  "web/routing/linear_regexp": NO_CPU_CLOCK,
  "web/session/deno_kv_session_store": "there is no Deno KV",
  "web/session/session_store": "there is no Deno KV",
  "web/static/static_stream": NO_PROGRAM,
  "web/uploads/": NO_DISK,
  "websocket/backpressure": NO_BYTES_UNSENT,
  "websocket/client/connection_settings":
    "what is beneath a connection is for Deno alone to choose",
  "websocket/client/client_connection": "its peers listen, as a worker cannot",
  "websocket/client/websocket_connect": "its peers listen, as a worker cannot",
  "websocket/handshake_bytes": NO_PROGRAM,
  "websocket/inbox": NO_CPU_CLOCK,
  "websocket/json_rpc/json_rpc_message": NO_CPU_CLOCK,
  "websocket/outbox": TOO_LONG,
  "websocket/shutdown": NO_CUT,
  "web/settings_on_workers": "it is about other runtimes",
  "workers/durable_object_broker": "it is about other runtimes",
};
