/** What attackers write, in every context of a page, before a real browser. */
import { assertEquals } from "@std/assert";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { html } from "../../src/text/html_tag.ts";
import { Application } from "../../src/web/application.ts";
import { type Answer, RequestHandler } from "../../src/web/request_handler.ts";
import { launchBrowser } from "../support/browser.ts";
import { serve } from "../support/serve.ts";
import { serviceTest } from "../support/services.ts";

/** From the XSS filter evasion and prevention pages of OWASP; each calls `alert`. */
const VECTORS: readonly string[] = [
  `<script>alert(1)</script>`,
  `<SCRIPT SRC=data:,alert(1)></SCRIPT>`,
  `</script><script>alert(1)</script>`,
  `</ScRiPt ><script>alert(1)</script>`,
  `<!--<script>alert(1)//-->`,
  `--><script>alert(1)</script>`,
  `]]><script>alert(1)</script>`,
  `<img src=x onerror=alert(1)>`,
  `<img src="x" onerror="alert(1)"`,
  `<IMG """><SCRIPT>alert(1)</SCRIPT>">`,
  `<svg/onload=alert(1)>`,
  `<svg><script>alert&#40;1&#41;</script>`,
  `<body onload=alert(1)>`,
  `<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>`,
  `<input autofocus onfocus=alert(1)>`,
  `<details open ontoggle=alert(1)>`,
  `<video><source onerror=alert(1)>`,
  `<math><mtext><table><mglyph><style><img src onerror=alert(1)>`,
  `</title><script>alert(1)</script>`,
  `</textarea><script>alert(1)</script>`,
  `</style><script>alert(1)</script>`,
  `</noscript><script>alert(1)</script>`,
  `" onmouseover="alert(1)" autofocus onfocus="alert(1)`,
  `' onmouseover='alert(1)' autofocus onfocus='alert(1)`,
  `"><script>alert(1)</script>`,
  `'><script>alert(1)</script>`,
  `" autofocus onfocus=alert(1) x="`,
  `\\"; alert(1); //`,
  `'; alert(1); //`,
  `\\'; alert(1); //`,
  "`; alert(1); //",
  "${alert(1)}",
  `\u2028alert(1)//`,
  `\u2029alert(1)//`,
  `&lt;script&gt;alert(1)&lt;/script&gt;`,
  `&#60;script&#62;alert(1)&#60;/script&#62;`,
  `&quot; onfocus=alert(1) autofocus x=&quot;`,
  `%3Cscript%3Ealert(1)%3C/script%3E`,
  `+ADw-script+AD4-alert(1)+ADw-/script+AD4-`,
  `<\0script>alert(1)</script>`,
  `<scr\0ipt>alert(1)</scr\0ipt>`,
  `<a href="javascript:alert(1)">x</a>`,
  `javascript:alert(1)`,
  `{{ alert(1) }}{% raw alert(1) %}{# x #}`,
  `http://a.b/"onfocus="alert(1)"autofocus="`,
];

const CONTEXTS = `<!DOCTYPE html>
<html><head><meta charset="utf-8"><script>
globalThis.alerts = 0;
globalThis.alert = () => { globalThis.alerts++; };
</script>
<title>{{ value }}</title></head>
<body><p id="text">{{ value }}</p>
<p id="double" title="{{ value }}" tabindex="0"></p>
<p id="single" title='{{ value }}' tabindex="0"></p>
<input id="input" value="{{ value }}">
<textarea id="textarea">
{{ value }}</textarea>
<p id="data" data-value="{{ jsonEncode(value) }}"></p>
<a id="link" href="/?q={{ urlEscape(value) }}">link</a>
<script id="json">globalThis.scripted = {% raw jsonEncode(value) %};</script>
<script id="nested" type="application/json">{% raw jsonEncode({ deep: [value] }) %}</script>
<p id="apply">{% apply squeezed %}{{ value }}{% end %}</p>
<div id="linkified">{% module linkify(value) %}</div>
<div id="tagged">{{ tagged }}</div>
</body></html>`;

/** What the browser made of the page: runs in it. */
const READ = `(() => {
  const get = (id) => document.getElementById(id);
  document.querySelectorAll("*").forEach((element) => element.focus?.());
  return {
    alerts: globalThis.alerts,
    foreign: document.querySelectorAll("svg, img, iframe, math, video, details").length,
    title: document.title,
    text: get("text").textContent,
    double: get("double").title,
    single: get("single").title,
    input: get("input").value,
    textarea: get("textarea").textContent,
    data: JSON.parse(get("data").dataset.value),
    link: new URL(get("link").href).searchParams.get("q"),
    scripted: globalThis.scripted,
    nested: JSON.parse(get("nested").textContent).deep[0],
    linkified: get("linkified").textContent,
    tagged: get("tagged").firstElementChild.getAttribute("title"),
  };
})()`;

serviceTest("chromium", "no text of a visitor runs in any context of a page", async (t) => {
  class Page extends RequestHandler {
    override get(): Answer {
      const value = VECTORS[Number(this.getArgument("i"))] ?? "";
      const tagged = html`<b title="${value}">${value}</b>`;
      return this.render("page.html", { value, tagged, squeezed: (text: string) => text });
    }
  }
  const templateLoader = new DictLoader({ "page.html": CONTEXTS });
  await using server = serve(new Application([["/page", Page]], { templateLoader }));
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  for (const [index, vector] of VECTORS.entries()) {
    await t.step(JSON.stringify(vector), async () => {
      await page.goto(`${server.origin}/page?i=${index}`);
      const seen: Record<string, unknown> = await page.evaluate(READ);
      // HTML cannot hold a NUL: browsers drop it from text and replace it elsewhere.
      const normal = (text: unknown) => String(text).replace(/[\0\ufffd]/g, "");
      const { alerts, foreign, link, scripted, data, nested, ...texts } = seen;
      assertEquals([alerts, foreign], [0, 0]);
      for (const [context, text] of Object.entries(texts)) {
        assertEquals(normal(text), normal(vector), context);
      }
      assertEquals([link, scripted, data, nested], [vector, vector, vector, vector]);
    });
  }
  assertEquals(browser.pageErrors, []);
});
