/** The page of 10 rows by Hono's `html` helper. */
import { html } from "hono/html";
import { PRODUCTS, TITLE } from "../content.ts";

// Named so that the formatter does not lay out the markup.
const hono = html;

/** The page, made anew. */
export function productsPage(): ReturnType<typeof html> {
  return hono`<!DOCTYPE html>
<html><head><title>${TITLE}</title></head><body><h1>${TITLE}</h1><table>
${
    PRODUCTS.map((row) =>
      hono`<tr id="row-${row.id}"><td>${row.name}</td><td>${row.price}</td></tr>
`
    )
  }</table></body></html>
`;
}
