import { assertEquals } from "@std/assert";
import { testApi, tokenOf } from "./test_api.ts";

Deno.test("a note is written, read, written anew and taken away", async () => {
  await using api = testApi();
  const headers = await tokenOf("ada", api);
  const note = { title: "Gusts", text: "From the west" };

  const made = await api.post("/notes", { headers, json: note, status: 201 });
  assertEquals(made.location, "/notes/1");
  assertEquals(await made.json(), { id: 1, ...note });

  const replaced = await api.put("/notes/1", { headers, json: { title: "Calm" } });
  assertEquals(await replaced.json(), { id: 1, title: "Calm", text: "" });
  const read = await api.get("/notes/1", { headers });
  assertEquals(await read.json(), { id: 1, title: "Calm", text: "" });

  await api.delete("/notes/1", { headers, status: 204 });
  await api.get("/notes/1", { headers, status: 404 });
});

Deno.test("notes come in pages", async () => {
  await using api = testApi();
  const headers = await tokenOf("ada", api);
  for (const title of ["a", "b", "c"]) await api.post("/notes", { headers, json: { title } });
  const titles = async (query: Record<string, number>) => {
    const { notes } = await (await api.get("/notes", { headers, query })).json();
    return notes.map(({ title }: { title: string }) => title);
  };
  assertEquals(await titles({}), ["a", "b", "c"]);
  assertEquals(await titles({ limit: 2 }), ["a", "b"]);
  assertEquals(await titles({ after: 2, limit: 2 }), ["c"]);
});

Deno.test("a client sees its own notes only", async () => {
  await using api = testApi();
  const [ada, bob] = [await tokenOf("ada", api), await tokenOf("bob", api)];
  await api.post("/notes", { headers: ada, json: { title: "Secret" } });
  const list = await api.get("/notes", { headers: bob });
  assertEquals(await list.json(), { notes: [] });
  await api.put("/notes/1", { headers: bob, json: { title: "Mine" }, status: 404 });
  await api.delete("/notes/1", { headers: bob, status: 404 });
  const read = await api.get("/notes/1", { headers: bob });
  assertEquals(await read.json(), { status: 404, reason: "There is no note 1" });
});
