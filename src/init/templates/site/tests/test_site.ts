/** The site with a database of its own. */
import { type TestServer, testServer } from "@gustnado/gustnado/testing";
import { openDatabase } from "../database.ts";
import { SiteApplication } from "../site_application.ts";

/** Runs the site in the process of the test. */
export function testSite(): TestServer {
  const options = { cookieSecret: "a secret of the tests, known to all" };
  return testServer(new SiteApplication(openDatabase(":memory:"), options));
}
