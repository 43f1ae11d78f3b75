import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";

class EchoHandler extends RequestHandler {
  override post() {
    this.write(this.request.text());
  }
}

Deno.test("body takes as long as it takes unless bodyTimeout is set", async () => {
  const app = new Application([["/", EchoHandler]]);
  const response = await app.fetch(post(ReadableStream.from(slowly(["gust", "nado"]))));
  assertEquals([response.status, await response.text()], [200, "gustnado"]);
});

Deno.test("body that does not arrive within bodyTimeout is answered with 408", async () => {
  using records = captureLogs();
  const app = new Application([["/", EchoHandler]], { bodyTimeout: 20 });
  const response = await app.fetch(post(new ReadableStream()));
  assertEquals(response.status, 408);
  await expectLog(records, "warning", /did not arrive within 20 ms/);
});

function post(body: ReadableStream<Uint8Array>): Request {
  return new Request("http://localhost/", { method: "POST", body });
}

/** Gives each part in a later turn than the timer of a limit that is not there would fire in. */
async function* slowly(parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield new TextEncoder().encode(part);
  }
}
