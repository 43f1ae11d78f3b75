/** The API with a database of its own, and clients with tokens. */
import { type TestServer, testServer } from "@gustnado/gustnado/testing";
import { ApiApplication } from "../api_application.ts";
import { openDatabase } from "../database.ts";

/** Runs the API in the process of the test. */
export function testApi(): TestServer {
  return testServer(new ApiApplication(openDatabase(":memory:")));
}

/** Makes a token for a client, and gives the header fields that it sends. */
export async function tokenOf(name: string, api: TestServer): Promise<{ Authorization: string }> {
  const { tokens } = api.app as ApiApplication;
  return { Authorization: `Bearer ${await tokens.issue(name)}` };
}
