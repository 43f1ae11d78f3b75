import { assertEquals } from "@std/assert";
import { PrecompiledLoader } from "../../../src/template/loaders/precompiled_loader.ts";
import { compile } from "../../../src/template/template.ts";
import { Application } from "../../../src/web/application.ts";
import { type Answer, RequestHandler } from "../../../src/web/request_handler.ts";

Deno.test("precompiled templates render pages with modules, without compiling anything", async () => {
  class Page extends RequestHandler {
    override get(): Answer {
      return this.render("page.html", { text: "www.a.b" });
    }
  }
  const source = "<body>{% module linkify(text) %}</body>{{ request.path }}";
  const code = compile(source, { name: "page.html" });
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const templateLoader = new PrecompiledLoader({ "page.html": module });
  const app = new Application([["/", Page]], { templateLoader });
  const response = await app.fetch(new Request("http://localhost/"));
  assertEquals(await response.text(), '<body><a href="http://www.a.b">www.a.b</a></body>/');
});
