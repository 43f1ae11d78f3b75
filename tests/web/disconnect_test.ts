import { assert, assertEquals } from "@std/assert";
import type { ServerContext } from "../../src/server/server_context.ts";
import { Application } from "../../src/web/application.ts";
import { RequestHandler } from "../../src/web/request_handler.ts";
import { served } from "../../src/web/request/served_request.ts";
import { captureLogs } from "../support/log_records.ts";
import { poll } from "../support/poll.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { serve } from "../support/serve.ts";

/** Counts how its requests begin and end. */
class Ledger extends Application {
  begun = 0;
  finished = 0;
  closed = 0;
  context: ServerContext | undefined;
}

class LedgerHandler extends RequestHandler<Ledger> {
  override initialize() {
    this.application.begun++;
    this.application.context = served(this.request).server;
  }
  override async get(kind: string) {
    const random = new Uint8Array(65_536);
    if (kind === "waits") await new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; kind === "streams" && i < 100; i++) {
      crypto.getRandomValues(random);
      this.write(random);
      if (i % 3 === 0) this.flush();
      else await this.flush();
    }
    for (let i = 0; kind === "ticks" && i < 10; i++) {
      this.write("tick");
      await this.flush();
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    this.write(random);
  }
  override post() {
    this.write(`${this.request.body.length}`);
  }
  override onConnectionClose() {
    this.application.closed++;
  }
  override onFinish() {
    this.application.finished++;
  }
}

class UploadHandler extends LedgerHandler {
  static override readonly streamRequestBody = true;
  override async dataReceived() {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  override post() {
    this.write("done");
  }
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n`;
const POST = (path: string) => `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n`;

/** What the client sends, and how much it reads before it leaves. */
const PHASES: Record<string, [sent: string, read: number]> = {
  "in the request line": ["GET /wai", 0],
  "in the header": ["GET /waits HTTP/1.1\r\nHost: h\r\nX-", 0],
  "before the response": [GET("/waits"), 0],
  "after the head of a stream": [GET("/ticks"), 100],
  "in a stream": [GET("/streams"), 500_000],
  "at the beginning of a stream": [GET("/streams"), 1],
  "at the end": [GET("/plain"), 100],
  "before the body": [POST("/plain"), 0],
  "in the body": [POST("/plain") + "x".repeat(100_000), 0],
  "in a body that is streamed": [POST("/upload") + "x".repeat(100_000), 0],
  "with the next request half sent": [GET("/plain") + "GET /pl", 100],
};

for (const compressResponse of [false, true]) {
  for (const [phase, [sent, read]] of Object.entries(PHASES)) {
    const name = `client that leaves ${phase} leaves nothing behind`;
    Deno.test(compressResponse ? `${name}, compressed` : name, async () => {
      using _records = captureLogs();
      const app = new Ledger([["/(upload)", UploadHandler], ["/(\\w+)", LedgerHandler]], {
        compressResponse,
      });
      await using server = serve(app);
      for (let i = 0; i < 5; i++) {
        using socket = await RawSocket.connect(server.port);
        await socket.write(sent);
        if (read > 0) await socket.readBytes(read);
      }
      // The server still answers, and has ended all that it began.
      const expected = sent.includes("\r\n\r\n") ? 5 : 0;
      const ended = await poll(() => app.begun === expected && app.finished === expected);
      assert(ended, `${app.begun} of ${expected} requests began, and ${app.finished} have ended`);
      assert(app.closed <= expected, `${app.closed} of ${expected} requests were given up`);
      assertEquals(app.context?.openWork.size ?? 0, 0);
      assertEquals((await (await fetch(`${server.origin}/plain`)).bytes()).length, 65_536);
    });
  }
}
