/** What is measured. */
import { FORM_BODY, JSON_BODY, ROUTES } from "./content.ts";
import type { HttpLoad, SocketLoad } from "./load.ts";

/** What takes the connections: ours runs on it, and is measured beside it as it is without ours. */
export type Engine = "deno" | "deno-node" | "node" | "bun" | "workerd";

/** A row of the table. */
export interface Row {
  /** That of an engine other than Deno's own starts with the engine and a slash. */
  readonly name: string;
  readonly engine: Engine;
  /** What it shows. */
  readonly title: string;
  /** The row that the servers know it by. */
  readonly server: string;
  readonly http?: HttpLoad;
  readonly socket?: SocketLoad;
  /** Send the entity tag of the first response back, so that 304 is the answer. */
  readonly conditional?: boolean;
  /** The path that sets a cookie, which is sent along: each contender signs its own. */
  readonly login?: string;
  /** The contender fetches, from a server of the bare runtime. */
  readonly fetches?: boolean;
  /** Measured once per round without load: memory of idle sockets, or time to the first response. */
  readonly special?: "idle" | "start";
}

const echo = { path: "/", mode: "echo", connections: 16 } as const;
const room = { path: "/", mode: "fanout", size: 64, depth: 4 } as const;
const json = { "Content-Type": "application/json" };
const form = { "Content-Type": "application/x-www-form-urlencoded" };

/** The rows of Deno's own engine. */
const DENO_ROWS: readonly Omit<Row, "engine">[] = [
  { name: "fixed", title: "fixed route", server: "fixed", http: { path: "/" } },
  {
    name: "route100",
    title: `last of ${ROUTES} parametrised routes`,
    server: "route100",
    http: { path: `/r${ROUTES - 1}/42` },
  },
  { name: "async", title: "async method", server: "async", http: { path: "/" } },
  {
    name: "json",
    title: "JSON in, JSON out",
    server: "json",
    http: { path: "/", method: "POST", body: JSON_BODY, headers: json },
  },
  {
    name: "etag304",
    title: "4 KiB with ETag, 304",
    server: "etag304",
    http: { path: "/" },
    conditional: true,
  },
  { name: "template", title: "page of 10 rows", server: "template", http: { path: "/" } },
  {
    name: "form",
    title: "POST form",
    server: "form",
    http: { path: "/", method: "POST", body: FORM_BODY, headers: form },
  },
  {
    name: "signed",
    title: "one signed cookie read",
    server: "signed",
    http: { path: "/" },
    login: "/login",
  },
  {
    name: "static4k",
    title: "static file, 4 KiB",
    server: "static",
    http: { path: "/static/4k.txt" },
  },
  {
    name: "static4k304",
    title: "static file, 4 KiB, 304",
    server: "static",
    http: { path: "/static/4k.txt" },
    conditional: true,
  },
  {
    name: "static64k",
    title: "static file, 64 KiB",
    server: "static",
    http: { path: "/static/64k.txt" },
  },
  {
    name: "static1m",
    title: "static file, 1 MiB",
    server: "static",
    http: { path: "/static/1m.bin" },
  },
  {
    name: "echo32",
    title: "WebSocket echo, 32 B",
    server: "echo",
    socket: { ...echo, size: 32, depth: 8 },
  },
  {
    name: "echo16k",
    title: "WebSocket echo, 16 KiB",
    server: "echo",
    socket: { ...echo, size: 16 * 1024, depth: 2 },
  },
  {
    name: "room200",
    title: "broadcast to 200",
    server: "room",
    socket: { ...room, connections: 200 },
  },
  {
    name: "room1000",
    title: "broadcast to 1,000",
    server: "room",
    socket: { ...room, connections: 1000 },
  },
  { name: "client", title: "a fetch of AsyncHTTPClient", server: "client", fetches: true },
  { name: "idle", title: "an idle WebSocket, of 10,000 more", server: "echo", special: "idle" },
  { name: "start", title: "start to first response", server: "fixed", special: "start" },
];

/** What the engines are called. */
export const ENGINES: Readonly<Record<Engine, string>> = {
  "deno": "Deno",
  "deno-node": "Deno, engine node",
  "node": "Node",
  "bun": "Bun",
  "workerd": "workerd",
};

const MESSAGES = ["echo32", "echo16k", "room1000"];
const REQUESTS = ["fixed", "json"];

/** In the order of the table. */
export const ROWS: readonly Row[] = [
  ...on("deno", DENO_ROWS.map(({ name }) => name)),
  ...on("deno-node", [...REQUESTS, ...MESSAGES, "idle"]),
  ...on("node", [...REQUESTS, ...MESSAGES, "idle", "start"]),
  ...on("bun", [...REQUESTS, ...MESSAGES, "idle", "start"]),
  ...on("workerd", ["start"]),
];

function on(engine: Engine, names: readonly string[]): Row[] {
  return DENO_ROWS.filter(({ name }) => names.includes(name)).map((row) =>
    engine === "deno"
      ? { ...row, engine }
      : { ...row, engine, name: `${engine}/${row.name}`, title: `${ENGINES[engine]}: ${row.title}` }
  );
}
