import { assert, assertEquals } from "@std/assert";
import { ChildProcess } from "../support/child_process.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";

// An unchecked control character in a header ends the process of the server: so it has one of its
// own, and every byte goes through every door.

const TEXT = (code: number) => code === 0x09 || (code >= 0x20 && code !== 0x7f);
const TOKEN = (code: number) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code));
const COOKIE = (code: number) => code >= 0x20 && code !== 0x7f;

/** The bytes that get through each door, and the status of those that do not. */
const DOORS: Record<string, { open: (code: number) => boolean; refused: number }> = {
  setHeader: { open: TEXT, refused: 500 },
  addHeader: { open: TEXT, refused: 500 },
  headerName: { open: TOKEN, refused: 500 },
  cookieName: { open: TOKEN, refused: 500 },
  cookieValue: { open: COOKIE, refused: 500 },
  defaults: { open: TEXT, refused: 500 },
  // The WebSocket is there by then: the field is left out.
  middleware: { open: TEXT, refused: 101 },
};

Deno.test("every byte through every door to a 101 is sent or refused", async (t) => {
  await using child = await ChildProcess.start("web_socket_doors.ts");
  for (const [name, { open, refused }] of Object.entries(DOORS)) {
    await t.step(name, async () => {
      for (let code = 0; code < 256; code++) {
        const client = await connect(child.port, `/${name}?${code}`);
        assertEquals([code, client.status], [code, open(code) ? 101 : refused]);
        if (name !== "middleware" || open(code)) continue;
        assertEquals(client.door, null);
      }
    });
  }
  assert(child.alive);
});

Deno.test("every byte in an offered and selected subprotocol leaves the process alive", async () => {
  await using child = await ChildProcess.start("web_socket_doors.ts");
  for (let code = 0; code < 256; code++) {
    const offer = `a${String.fromCharCode(code)}b`;
    // What cannot stand in a request at all is only selected.
    const field = TEXT(code) && code < 0x80 ? offer : "chat";
    const { status } = await connect(child.port, `/subprotocol?${code}`, field);
    assertEquals([code, status], [code, TOKEN(code) ? 101 : 500]);
  }
  assert(child.alive);
});

async function connect(
  port: number,
  path: string,
  offer: string | null = null,
): Promise<{ status: number; door: string | null }> {
  const headers = { "sec-websocket-protocol": offer };
  using client = await RawWebSocket.connect(port, path, { headers });
  const { status } = client.response;
  if (status === 101) {
    assertEquals((await client.receive())?.text, "open");
    await client.close();
  }
  return { status, door: client.response.header("x-door") };
}
