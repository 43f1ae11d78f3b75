/** Browsers ask for `/favicon.ico` of themselves: a log is no place for it. */
import { assertEquals, assertMatch } from "@std/assert";
import { ChatApplication } from "../../examples/chat/chat_application.ts";
import { journalApplication } from "../../examples/journal/journal_application.ts";
import { LoginApplication } from "../../examples/login/login_application.ts";
import { Chat } from "../../examples/long_polling_chat.ts";
import { OpenIDApplication } from "../../examples/openid/openid_application.ts";
import { type Application, locale } from "../../mod.ts";

const openIDApplication = () =>
  new OpenIDApplication({
    origin: "http://localhost",
    cookieSecret: "cookie-secret of these tests",
    openidConnect: { issuer: "http://127.0.0.1:9", key: "gustnado", secret: "gustnado-secret" },
  });

for (
  const [name, application] of [
    ["chat", () => new ChatApplication()],
    ["login", () => new LoginApplication()],
    ["journal", () => journalApplication()],
    ["site with OpenID", openIDApplication],
  ] satisfies [string, () => Application][]
) {
  Deno.test(`the ${name} has an icon where browsers look for it`, async () => {
    const response = await application().fetch(new Request("http://localhost/favicon.ico"));
    locale.clearTranslations();
    assertEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", /^image\//);
    await response.body?.cancel();
  });
}

Deno.test("the long polling chat tells browsers that it has no icon", async () => {
  const response = await new Chat().fetch(new Request("http://localhost/"));
  assertMatch(await response.text(), /<link rel="icon" href="data:,">/);
});
