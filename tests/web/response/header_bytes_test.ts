import { assert, assertEquals } from "@std/assert";
import { ChildProcess } from "../../support/child_process.ts";
import { type RawResponse, RawSocket } from "../../support/raw_socket.ts";

// An unchecked control character in a header ends the process of the server: so it has one of its
// own, and every byte goes through every door.

const TEXT = (code: number) => code === 0x09 || (code >= 0x20 && code !== 0x7f);
const TOKEN = (code: number) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code));
const ATTRIBUTE = (code: number) => code > 0x20 && code < 0x7f && code !== 0x3b;

const value = (code: number) => `a${String.fromCharCode(code)}b`;

interface Door {
  /** The bytes that get through. */
  readonly open: (code: number) => boolean;
  /** Where they are then, and as what. */
  readonly field: (code: number) => readonly [name: string, value: string];
  /** The status of a response that they stand in; 200 unless given. */
  readonly status?: number;
  /** The status where they do not get through; 500 unless given. */
  readonly refused?: number;
}

const asField = (code: number) => ["x-door", value(code)] as const;
const PLAIN: Door = { open: TEXT, field: asField };

const DOORS: Record<string, Door> = {
  setHeader: PLAIN,
  addHeader: PLAIN,
  returned: PLAIN,
  flushed: PLAIN,
  fetch: PLAIN,
  defaults: PLAIN,
  middleware: PLAIN,
  contentType: { open: TEXT, field: (code) => ["content-type", value(code)] },
  etag: { open: TEXT, field: (code) => ["etag", `"${value(code)}"`] },
  headerName: { open: TOKEN, field: (code) => [`x-${value(code)}`, "1"] },
  httpError: { open: TEXT, field: asField, status: 401, refused: 401 },
  reason: { open: () => true, field: () => ["content-length", "0"] },
  redirect: {
    open: (code) => code >= 0x20 && code !== 0x7f,
    field: (code) => {
      const raw = value(code);
      return ["location", `/${code === 0x20 || code > 0x7f ? encodeURIComponent(raw) : raw}`];
    },
    status: 302,
  },
  cookieName: { open: TOKEN, field: (code) => ["set-cookie", `${value(code)}=1; Path=/`] },
  clearCookie: {
    open: TOKEN,
    field: (code) => [
      "set-cookie",
      `${value(code)}=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/`,
    ],
  },
  cookieValue: {
    open: (code) => code >= 0x20 && code !== 0x7f,
    field: (code) => ["set-cookie", `door=${cookieValue(code)}; Path=/`],
  },
  cookieDomain: {
    open: ATTRIBUTE,
    field: (code) => ["set-cookie", `door=1; Domain=${value(code)}; Path=/`],
  },
  cookiePath: { open: ATTRIBUTE, field: (code) => ["set-cookie", `door=1; Path=${value(code)}`] },
  cookieSameSite: { open: () => false, field: asField },
};

/** As Python's `http.cookies` quotes it. */
function cookieValue(code: number): string {
  const character = String.fromCharCode(code);
  if (/[!#$%&'*+\-.^_`|~:0-9A-Za-z]/.test(character)) return value(code);
  if (/["\\]/.test(character)) return `"a\\${character}b"`;
  if (/[ ()/<=>?@[\]{}]/.test(character)) return `"${value(code)}"`;
  return `"a\\${code.toString(8).padStart(3, "0")}b"`;
}

Deno.test("every byte through every door to a header is sent or refused", async (t) => {
  await using child = await ChildProcess.start("header_doors.ts");
  for (const [name, door] of Object.entries(DOORS)) {
    await t.step(name, async () => {
      using socket = await RawSocket.connect(child.port);
      for (let code = 0; code < 256; code++) await tryByte(socket, { name, door, code });
    });
  }
  assert(child.alive);
});

async function tryByte(
  socket: RawSocket,
  { name, door, code }: { name: string; door: Door; code: number },
): Promise<void> {
  const response = await ask(socket, `/${name}?${code}`);
  const open = door.open(code);
  const status = open ? door.status ?? 200 : door.refused ?? 500;
  assertEquals([code, response.status], [code, status]);
  const [field, expected] = door.field(code);
  if (open) assertEquals([code, response.header(field)], [code, expected]);
  else {
    const leaked = [response.header("x-door"), response.header("set-cookie")];
    assertEquals([code, ...leaked], [code, null, null]);
  }
}

async function ask(socket: RawSocket, target: string): Promise<RawResponse> {
  await socket.write(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
  return await socket.readResponse();
}
