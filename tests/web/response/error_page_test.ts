import { assert, assertEquals, assertMatch } from "@std/assert";
import { errorPage, tracebackPage } from "../../../src/web/response/error_page.ts";

Deno.test("error page names its language, fits a phone and has one heading", () => {
  const { contentType, body } = errorPage(404, { reason: "Not Found" });
  assertEquals(contentType, "text/html; charset=UTF-8");
  assertMatch(body, /^<!DOCTYPE html>\n<html lang="en">\n/);
  assertMatch(body, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
  assertMatch(body, /<title>404: Not Found<\/title>/);
  assertEquals(body.match(/<h1>.*<\/h1>/g), ["<h1>404: Not Found</h1>"]);
});

Deno.test("error page is small, needs no other file and runs no script", () => {
  const { body } = errorPage(500, { reason: "Internal Server Error" });
  assert(body.length < 1_024, `it has ${body.length} characters`);
  assertEquals(body.match(/<script|\ssrc=|\shref=|url\(|@import|\son\w+=|\sstyle=/g), null);
});

Deno.test("error page shows a reason that is markup as text", () => {
  const { body } = errorPage(400, { reason: "</title><script>ran()</script>" });
  assertEquals(body.includes("<script"), false);
  assertEquals(body.match(/&#60;script&#62;/g)?.length, 2);
});

Deno.test("error page has its style in spite of a policy, by the nonce", () => {
  assertMatch(errorPage(404, { reason: "Not Found" }).body, /<style>/);
  const { body } = errorPage(404, { reason: "Not Found", nonce: "abc" });
  assertMatch(body, /<style nonce="abc">/);
});

Deno.test("error page with a stack is plain text, causes included", () => {
  const error = new Error("outer", { cause: new TypeError("inner") });
  const { contentType, body } = tracebackPage(error);
  assertEquals(contentType, "text/plain; charset=UTF-8");
  assertMatch(body, /^Error: outer\n[^]*\nCaused by: TypeError: inner\n/);
});

Deno.test("traceback names each error once, also where one is the cause of the other", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  if (error.cause instanceof Error) error.cause.cause = error;
  const { body } = tracebackPage(error);
  assertEquals(body.match(/^(?:Caused by: )?Error: \w+$/gm), [
    "Error: outer",
    "Caused by: Error: inner",
  ]);
});
