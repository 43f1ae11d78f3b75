/** The bare Bun: sends what ours sends, with the least code that does. Prints its port. */
import type { BunServeOptions, BunServer, BunSocket } from "../../../src/platform/bun/bun_api.ts";
import { HELLO, HTML } from "../content.ts";
import { serverArguments } from "./arguments.ts";

const { Bun } = globalThis as unknown as { readonly Bun: { serve(options: unknown): BunServer } };
const [row = ""] = serverArguments();
const room = new Set<BunSocket>();

const echo = {
  message: (socket: BunSocket, message: string | Uint8Array) => void socket.send(message, false),
};
const broadcast = {
  open: (socket: BunSocket) => void room.add(socket),
  close: (socket: BunSocket) => void room.delete(socket),
  message(_socket: BunSocket, message: string | Uint8Array) {
    for (const member of room) member.send(message, false);
  },
};

const hello: ResponseInit = { headers: { "content-type": HTML } };
const handlers: Readonly<
  Record<string, (request: Request, server: BunServer) => Response | Promise<Response> | undefined>
> = {
  fixed: () => new Response(HELLO, hello),
  json: async (request) => Response.json(await request.json()),
  echo: upgrade,
  room: upgrade,
};

function upgrade(request: Request, server: BunServer): Response | undefined {
  return server.upgrade(request, { data: undefined, headers: new Headers() })
    ? undefined
    : new Response(null, { status: 400 });
}

const { address } = Bun.serve(
  {
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    websocket: row === "room" ? broadcast : echo,
    fetch: handlers[row],
  } satisfies Partial<Record<keyof BunServeOptions, unknown>>,
);
console.log(typeof address === "string" ? address : address?.port);
