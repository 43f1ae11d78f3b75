import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Html } from "../../src/text/html.ts";
import { html, raw } from "../../src/text/html_tag.ts";
import { xhtmlEscape } from "../../src/text/escape/xhtml.ts";

Deno.test("html escapes strings and keeps html", () => {
  const name = `<b>"O'Neil" & co</b>`;
  assertEquals(
    String(html`<p title="${name}">${html`<i>${1}</i>`}</p>`),
    `<p title="&lt;b&gt;&quot;O&#x27;Neil&quot; &amp; co&lt;/b&gt;"><i>1</i></p>`,
  );
});

Deno.test("html prints nothing for null, undefined and false, and joins arrays", () => {
  assertEquals(String(html`[${null}${undefined}${false}${0}${true}]`), "[0true]");
  assertEquals(String(html`[${["<", html`<br>`, ["&", null]]}]`), "[&lt;<br>&amp;]");
});

Deno.test("html and the escaper pass raw markup as it is", () => {
  assertEquals(String(html`${raw("<hr>")}`), "<hr>");
  assertEquals(xhtmlEscape(raw("<hr>")), "<hr>");
});

Deno.test("html takes no plain object for markup, whatever its properties are called", () => {
  const forged: unknown = JSON.parse(`{"markup":"<script>","isEscaped":true,"toString":null}`);
  assertEquals(Html.is(forged), false);
  assertThrows(() => html`${forged}`, TypeError);
  const prototype = Object.create(Html.prototype);
  assertEquals(Html.is(prototype), false);
});

Deno.test("html escapes any text", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assertEquals(String(html`<p>${text}</p>`), `<p>${xhtmlEscape(text)}</p>`);
  }));
});
