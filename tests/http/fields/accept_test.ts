import { assertEquals } from "@std/assert";
import { acceptWeight } from "../../../src/http/fields/accept.ts";

const WEIGHTS: [header: string | null, json: number, html: number][] = [
  [null, 1, 1],
  ["", 0, 0],
  ["*/*", 1, 1],
  ["application/json", 1, 0],
  ["APPLICATION/JSON", 1, 0],
  ["text/html, */*;q=0.8", 0.8, 1],
  ["application/*;q=0.5", 0.5, 0],
  ["*/*;q=0.1, text/*;q=1.000", 0.1, 1],
  ["*/*;q=0.8, text/html", 0.8, 1],
  ["application/*;q=0.5, application/json;q=0.1", 0.1, 0],
  ["application/json;q=0, */*", 0, 1],
  ["application/json; charset=utf-8 ; Q = 0.3 ; x=1", 0.3, 0],
  ["application/json;q=2, text/html;q=0.1234", 1, 1],
  ["application/jsonp, text/htm", 0, 0],
  [`${"a/b,".repeat(49)}text/html,application/json`, 0, 1],
];

for (const [header, json, html] of WEIGHTS) {
  Deno.test(`accept header ${header?.slice(0, 50)} weighs JSON ${json} and HTML ${html}`, () => {
    assertEquals(acceptWeight(header, "application/json"), json);
    assertEquals(acceptWeight(header, "text/html"), html);
  });
}
