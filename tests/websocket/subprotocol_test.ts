import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../src/web/application.ts";
import { parseSubprotocols } from "../../src/websocket/subprotocol.ts";
import { WebSocketHandler } from "../../src/websocket/web_socket_handler.ts";
import { captureLogs, expectLog } from "../support/log_records.ts";
import { RawWebSocket } from "../support/raw_websocket.ts";
import { serve } from "../support/serve.ts";

class SelectingHandler extends WebSocketHandler {
  static offers: string[][] = [];

  override initialize({ select }: { select: string | null }) {
    this.select = select;
  }

  select: string | null = null;

  override selectSubprotocol(offered: string[]) {
    SelectingHandler.offers.push(offered);
    return this.select;
  }

  override open() {
    this.writeMessage({ selected: this.selectedSubprotocol });
  }
}

const app = (select: string | null) => new Application([["/", SelectingHandler, { select }]]);

const ACCEPTED: [field: string | null, select: string | null, offered: string[]][] = [
  [null, null, []],
  ["chat", null, ["chat"]],
  ["chat, superchat", "superchat", ["chat", "superchat"]],
  ["chat,superchat", "chat", ["chat", "superchat"]],
  [" a ,, b\t, not a token", "b", ["a", "b"]],
];

for (const [field, select, offered] of ACCEPTED) {
  Deno.test(`subprotocol of the offer ${field} can be ${select}`, async () => {
    SelectingHandler.offers = [];
    await using server = serve(app(select));
    const headers = { "sec-websocket-protocol": field };
    using client = await RawWebSocket.connect(server.port, "/", { headers });
    assertEquals(client.response.header("sec-websocket-protocol"), select);
    assertEquals(JSON.parse((await client.receive())?.text ?? ""), { selected: select });
    assertEquals(SelectingHandler.offers, [offered]);
    await client.close();
  });
}

Deno.test("subprotocol that was not offered is a 500", async () => {
  using records = captureLogs();
  await using server = serve(app("chat"));
  using client = await RawWebSocket.connect(server.port, "/");
  assertEquals(client.response.status, 500);
  await expectLog(records, "error", /Cannot select the subprotocol "chat": the client did not/);
});

Deno.test("subprotocols are tokens in the order of the offer, whatever was sent", () => {
  fc.assert(fc.property(fc.string(), (field) => {
    const tokens = parseSubprotocols(field);
    assertEquals(tokens.every((token) => /^[!#$%&'*+\-.^_`|~\w]+$/.test(token)), true);
    assertEquals(parseSubprotocols(tokens.join(",")), tokens);
  }));
});
