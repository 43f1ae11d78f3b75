import { assertEquals } from "@std/assert";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { bothWays } from "../../support/serve.ts";

class NameHandler extends RequestHandler {
  override post() {
    this.write(this.getBodyArgument("name"));
  }
}

const headers = { "content-type": "multipart/form-data; boundary=1234" };
const FORM = '--1234\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--1234--\r\n';

// What reads such forms is loaded with the first of them: so these come before all others.
for (const body of [null, "", '{"name":"Ada"}', '["Ada"]']) {
  Deno.test(`body ${JSON.stringify(body)} is a 400 as a form with files`, async () => {
    using records = captureLogs();
    const app = new Application([["/", NameHandler]]);
    const request = new Request("http://localhost/", { method: "POST", headers, body });
    assertEquals((await app.fetch(request)).status, 400);
    await expectLog(records, "warning", /Invalid multipart\/form-data: the (body|final)/);
  });
}

bothWays("first form with files is read as any other", [["/", NameHandler]], async (fetch) => {
  for (let i = 0; i < 2; i++) {
    const response = await fetch("/", { method: "POST", headers, body: FORM });
    assertEquals([response.status, await response.text()], [200, "Ada"]);
  }
});

Deno.test("forms with files that come together are all read", async () => {
  const app = new Application([["/", NameHandler]]);
  const post = () => new Request("http://localhost/", { method: "POST", headers, body: FORM });
  const responses = await Promise.all(Array.from({ length: 5 }, () => app.fetch(post())));
  assertEquals(await Promise.all(responses.map((each) => each.text())), Array(5).fill("Ada"));
});
