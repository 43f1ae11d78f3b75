/** The bare runtime: sends what ours sends, with the least code that does. Prints its port. */
import { FORM_BODY, HELLO, HTML, USER } from "../content.ts";
import { fetchFor } from "../fetches.ts";

type Handler = (request: Request) => Response | Promise<Response>;

const [row = "", root = "."] = Deno.args;

const hello: ResponseInit = { headers: { "content-type": HTML } };
const room = new Set<WebSocket>();

const handlers: Record<string, () => Handler> = {
  fixed: () => (_request) => new Response(HELLO, hello),
  route100: () => (_request) => new Response("Hello, 42", hello),
  async: () => async (_request) => {
    await null;
    return new Response(HELLO, hello);
  },
  json: () => async (request) => Response.json(await request.json()),
  form: () => async (request) => {
    const form = new URLSearchParams(await request.text());
    return new Response(`${form.get("name")} ${form.getAll("tag").join(",")}`, hello);
  },
  // Nothing is signed or read: what a server costs that trusts everyone.
  signed: () => ({ url }) =>
    url.endsWith("/login")
      ? new Response("", { headers: { "set-cookie": `user=${USER}` } })
      : new Response(`Hello, ${USER}`, hello),
  static: () => {
    const files = new Map(
      [...Deno.readDirSync(root)].map((
        { name },
      ) => [`/static/${name}`, Deno.readFileSync(`${root}/${name}`)]),
    );
    return ({ url }) => new Response(files.get(url.slice(url.indexOf("/static/"))) ?? FORM_BODY);
  },
  echo: () => (request) => {
    // As ours: a ping that comes earlier would count as memory.
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  },
  room: () => (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => room.add(socket);
    socket.onclose = () => room.delete(socket);
    socket.onmessage = ({ data }) => {
      for (const member of room) member.send(data);
    };
    return response;
  },
  client: () => async ({ url }) =>
    Response.json(await fetchFor(url, async (url) => await (await fetch(url)).bytes())),
};

const make = handlers[row];
if (make === undefined) throw new Error(`No such row: ${row}`);
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, make());
console.log(server.addr.port);
