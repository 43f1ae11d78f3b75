/**
 * A site that logs its visitors in, and what is seen of it from outside.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";
import { expectLog, type LogRecords } from "./log_records.ts";
import { serve, type ServedApplication } from "./serve.ts";
import { LoginVisitor, type VisitedPage } from "./login_visitor.ts";

/** What may stand in no message and in no log. */
const SECRETS = [
  "cookie-secret",
  "client-secret",
  "gustnado-secret",
  "secret-access-token",
  "secret-refresh-token",
  "code=",
  "eyJ",
];

/** Serves a handler at `/login`, with a cookie secret. */
export function loginSite(
  handler: HandlerClass,
  settings: ApplicationSettings = {},
): ServedApplication {
  const app = new Application([["/login", handler]], {
    cookieSecret: "cookie-secret of these tests",
    ...settings,
  });
  return serve(app);
}

/** Goes to the provider and stops on the way back, before the site sees the code. */
export async function stopAtCallback(
  site: ServedApplication,
  visitor: LoginVisitor = new LoginVisitor(),
): Promise<string> {
  const isBack = (url: string) => url.startsWith(`${site.origin}/login?`);
  return LoginVisitor.target(await visitor.visit(`${site.origin}/login`, { until: isBack }));
}

/** The authorization endpoint of a server that says yes: it sends the visitor back with a code. */
export function authorizeAtOnce(request: Request): Response {
  const { searchParams } = new URL(request.url);
  const back = new URL(searchParams.get("redirect_uri") ?? "");
  back.searchParams.set("code", "the-code");
  back.searchParams.set("state", searchParams.get("state") ?? "");
  return Response.redirect(back.href, 302);
}

/** Where a log-in leads to, with what. */
export async function authorizationUrl(site: ServedApplication, path = "/login"): Promise<URL> {
  return new URL(LoginVisitor.target(await new LoginVisitor().step(site.origin + path)));
}

/** Expects that a log-in was refused, that the log says why, and that no secret went anywhere. */
export async function expectRefusal(
  page: VisitedPage,
  expected: { readonly status: number; readonly why: RegExp; readonly records: LogRecords },
): Promise<void> {
  assertEquals(page.status, expected.status, page.text);
  await expectLog(expected.records, "warning", expected.why);
  assertNoSecrets(page.text, expected.records);
}

/** Checks a page and all that was logged. */
export function assertNoSecrets(text: string, records: LogRecords): void {
  for (const message of [text, ...records.all.map((record) => record.message)]) {
    const found = SECRETS.find((secret) => message.includes(secret));
    assert(found === undefined, `"${found}" stands in ${message}`);
  }
}

/** Checks that a page is JSON with these fields. */
export function assertFields(page: VisitedPage, fields: Readonly<Record<string, unknown>>): void {
  assertStringIncludes(page.headers.get("content-type") ?? "", "json", page.text);
  const all: unknown = JSON.parse(page.text);
  const names = Object.keys(fields);
  const found = Object.entries(Object(all)).filter(([name]) => names.includes(name));
  assertEquals(Object.fromEntries(found), fields);
}
