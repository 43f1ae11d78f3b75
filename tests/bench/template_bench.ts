/**
 * The 10-row page: a template against Hono's `html` helper, for the same bytes.
 *
 * `deno bench -A tests/bench/template_bench.ts`
 */
import { assertEquals } from "@std/assert";
import { html as ownHtml } from "../../src/text/html_tag.ts";
import { Template } from "../../src/template/template.ts";
import { PRODUCTS, PRODUCTS_TEMPLATE, TITLE } from "./content.ts";
import { productsPage } from "./peers/hono_page.ts";

const [title, rows] = [TITLE, PRODUCTS];
const template = new Template(PRODUCTS_TEMPLATE, { whitespace: "all" });

function withTemplate(): string | Promise<string> {
  return template.generate({ title, rows });
}

// Named so that the formatter does not lay out the markup.
const own = ownHtml;

function withHono(): string {
  return String(productsPage());
}

function withOwnHtml(): string {
  return String(own`<!DOCTYPE html>
<html><head><title>${title}</title></head><body><h1>${title}</h1><table>
${
    rows.map((row) =>
      own`<tr id="row-${row.id}"><td>${row.name}</td><td>${row.price}</td></tr>
`
    )
  }</table></body></html>
`);
}

assertEquals(withTemplate(), withHono());
assertEquals(withOwnHtml(), withHono());

Deno.bench("Hono's html helper", { group: "10-row page", baseline: true }, () => {
  withHono();
});

Deno.bench("Template", { group: "10-row page" }, () => {
  withTemplate();
});

Deno.bench("our html tag", { group: "10-row page" }, () => {
  withOwnHtml();
});

const longPage = Array.from({ length: 1000 }, (_, line) => {
  if (line % 10 === 0) return `{% if rows[${line}] && user.name %}`;
  if (line % 10 === 9) return "{% end %}";
  return line % 2 === 0 ? `<td>{{ format(row.price, ${line}) }}</td>` : `<p class="x">text</p>`;
}).join("\n");

Deno.bench("compile 1,000 lines, 600 of them code", { group: "compile" }, () => {
  new Template(longPage, { name: "long.html" });
});
