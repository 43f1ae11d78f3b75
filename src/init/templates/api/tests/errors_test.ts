import { assertEquals } from "@std/assert";
import { testApi, tokenOf } from "./test_api.ts";

Deno.test("nothing is answered without a token", async () => {
  await using api = testApi();
  for (const path of ["/", "/notes", "/nowhere"]) {
    const refused = await api.get(path, { headers: { Accept: "*/*" }, status: 401 });
    assertEquals(await refused.json(), { status: 401, reason: "Unauthorized" });
    await api.get(path, { headers: { Authorization: "Bearer guessed" }, status: 401 });
  }
});

Deno.test("a token that was made anew takes the place of the one before", async () => {
  await using api = testApi();
  const [before, after] = [await tokenOf("ada", api), await tokenOf("ada", api)];
  await api.get("/", { headers: before, status: 401 });
  await api.get("/", { headers: after, status: 200 });
});

Deno.test("what is wrong with a note is told, and where", async () => {
  await using api = testApi();
  const headers = await tokenOf("ada", api);
  const json = { title: " ", colour: "red" };
  const response = await api.post("/notes", { headers, json, status: 400 });
  const { reason, issues } = await response.json();
  assertEquals(reason, "Bad Request");
  assertEquals(issues.map(({ path }: { path: string[] }) => path), [["title"], ["colour"]]);
});

Deno.test("errors are JSON", async () => {
  await using api = testApi();
  const headers = await tokenOf("ada", api);
  const missing = await api.get("/nowhere", { headers });
  assertEquals(await missing.json(), { status: 404, reason: "Not Found" });
  const refused = await api.delete("/notes", { headers });
  assertEquals(await refused.json(), { status: 405, reason: "Method Not Allowed" });
  await api.get("/notes", { headers, query: { limit: 1_000 }, status: 400 });
});
