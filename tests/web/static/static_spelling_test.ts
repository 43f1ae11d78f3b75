import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Application } from "../../../src/web/application.ts";
import { RequestHandler } from "../../../src/web/request_handler.ts";
import { StaticFileHandler } from "../../../src/web/static/static_file_handler.ts";
import { canonicalSpelling } from "../../../src/web/static/url_spelling.ts";
import { captureLogs, expectLog } from "../../support/log_records.ts";
import { rawRequest } from "../../support/raw_socket.ts";
import { serve } from "../../support/serve.ts";
import { MemoryFiles, staticTree } from "./static_tree.ts";

const SECRET = "secret";

const tree = staticTree({
  "sub/i.html": SECRET,
  "sub/it's.txt": SECRET,
  "sub/index.html": SECRET,
  "caf\u00e9/i.html": SECRET,
  "open/a b.txt": "blank",
  "open/100%.txt": "percent",
  "open/a[1].txt": "brackets",
  "open/\u00fc.txt": "umlaut",
  "open/q?x#y.txt": "marks",
  "open/a;b=c&d,e@f:g.txt": "delimiters",
  "open/index.html": "index",
});

class Guarded extends RequestHandler {
  override get(): void {
    this.setStatus(401);
  }
}

function application(): Application {
  return new Application([
    ["/files/sub/(.*)", Guarded],
    ["/files/caf\u00e9/(.*)", Guarded],
    ["/files/(.*)", StaticFileHandler, { path: tree.path, defaultFilename: "index.html" }],
    [
      "/two/(.*)/of/(.*)",
      class extends StaticFileHandler {
        override get(directory: string, name = "") {
          return super.get(`${directory}/${name}`);
        }
      },
      { path: tree.path },
    ],
  ]);
}

/** Spellings of files behind a guard: what the guard, or nobody, answers. */
const AROUND: Record<string, number> = {
  "/files/sub/i.html": 401,
  "/files/sub/./i.html": 401,
  "/files/sub%2Fi.html": 404,
  "/files/sub%2fi.html": 404,
  "/files/sub%5Ci.html": 404,
  "/files/sub%5ci.html": 404,
  "/files/sub\\i.html": 404,
  "/files/./sub/i.html": 404,
  "/files/%2e/sub/i.html": 404,
  "/files/%2E/sub/i.html": 404,
  "/files/open/../sub/i.html": 404,
  "/files/open/%2e%2e/sub/i.html": 404,
  "/files/open/.%2e/sub/i.html": 404,
  "/files//sub/i.html": 403,
  "/files/open//../sub/i.html": 404,
  "/files/./sub//i.html": 404,
  "/files/%73ub/i.html": 301,
  "/files/s%75b/i.html": 301,
  "/files/%73%75%62/%69.html": 301,
  "/files/%73ub%2fi.html": 404,
  "/files/./%73ub/i.html": 404,
  "/files/%73ub/./i.html": 404,
  "/files/%252e/sub/i.html": 404,
  "/files/SUB/i.html": 404,
  "/files/sub./i.html": 404,
  "/files/sub%20/i.html": 404,
  "/files/sub%00/i.html": 404,
  "/files/sub;x/i.html": 404,
  "/files/caf%c3%a9/i.html": 301,
  "/files/cafe%CC%81/i.html": 404,
  "/files/%63af%C3%A9/i.html": 301,
  "/files/%c0%afsub/i.html": 400,
  "/files/%c1%b3ub/i.html": 400,
  "/files/%66iles/../sub/i.html": 404,
  "/%66iles/sub/i.html": 404,
  "/files/?v=1": 404,
  "/files/sub": 301,
  "/two/sub/of/i.html": 200,
  "/two/./sub/of/i.html": 404,
  "/two/%73ub/of/i.html": 404,
  "/two/sub/of/%69.html": 301,
};

Deno.test("file behind a guard is not reached by another spelling", async () => {
  using records = captureLogs();
  await using server = serve(application());
  for (const method of ["GET", "HEAD"]) {
    for (const [target, status] of Object.entries(AROUND)) {
      const response = await rawRequest(
        server.port,
        `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(response.status, status, `${method} ${target}`);
      assertEquals(response.text.includes(SECRET), status === 200 && method === "GET", target);
      if (status === 403) await expectLog(records, "warning", /is not in root static directory/);
      if (status === 400) await expectLog(records, "warning", /Invalid unicode/);
    }
  }
});

/** Where other spellings lead. */
const MOVED: Record<string, string> = {
  "/files/%73ub/i.html": "/files/sub/i.html",
  "/files/%73ub/it%27s.txt?a=%62": "/files/sub/it's.txt?a=%62",
  "/files/caf%c3%a9/i.html": "/files/caf%C3%A9/i.html",
  "/files/open/100%.txt": "/files/open/100%25.txt",
  "/files/open/a[1].txt": "/files/open/a%5B1%5D.txt",
  "/files/open/a%3Bb%3Dc%26d%2Ce%40f%3Ag.txt": "/files/open/a;b=c&d,e@f:g.txt",
  "/files/open/%ef": "/files/open/%EF",
};

Deno.test("spelling with needless escapes is redirected to the one that is served", async () => {
  const app = application();
  for (const [from, to] of Object.entries(MOVED)) {
    if (from.endsWith("%ef")) continue;
    const response = await app.fetch(new Request(`http://localhost${from}`));
    assertEquals([response.status, response.headers.get("location")], [301, to]);
  }
});

Deno.test("name that needs escapes is served", async () => {
  const names: Record<string, string> = {
    "a%20b.txt": "blank",
    "a b.txt": "blank",
    "100%25.txt": "percent",
    "a%5B1%5D.txt": "brackets",
    "%C3%BC.txt": "umlaut",
    "\u00fc.txt": "umlaut",
    "q%3Fx%23y.txt": "marks",
    "a;b=c&d,e@f:g.txt": "delimiters",
    "": "index",
    "index.html": "index",
  };
  const app = application();
  for (const [name, content] of Object.entries(names)) {
    const response = await app.fetch(new Request(`http://localhost/files/open/${name}`));
    assertEquals([name, response.status, await response.text()], [name, 200, content]);
  }
});

Deno.test("URL that staticUrl() writes is the one that is served", async () => {
  class Url extends RequestHandler {
    override get(): void {
      this.write(this.staticUrl(this.getArgument("path")));
    }
  }
  const app = new Application([["/", Url]], { staticPath: tree.path });
  const names = ["a b", "100%", "a[1]", "\u00fc", "q?x#y", "a;b=c&d,e@f:g"];
  for (const name of names) {
    const path = encodeURIComponent(`open/${name}.txt`);
    const url = await (await app.fetch(new Request(`http://localhost/?path=${path}`))).text();
    const response = await app.fetch(new Request(`http://localhost${url}`));
    assertEquals([url, response.status], [url, 200]);
    await response.body?.cancel();
  }
});

Deno.test("redirect to a spelling never leads to another host", async () => {
  using records = captureLogs();
  const args = { path: tree.path };
  await using server = serve(new Application([["//(.*)", StaticFileHandler, args]]));
  const response = await rawRequest(
    server.port,
    "GET //evil.example/%61 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  assertEquals([response.status, response.header("location")], [403, null]);
  await expectLog(records, "warning", /two initial slashes/);
});

Deno.test("handler that reads names as Latin-1 is not redirected for ever", async () => {
  const files = new MemoryFiles();
  files.write("/www/\u00e9.txt", "found");
  class Latin1 extends StaticFileHandler {
    override decodeArgument(value: Uint8Array): string {
      return String.fromCharCode(...value);
    }
  }
  const app = new Application([["/(.*)", Latin1, { path: "/www" }]], { platform: files.platform });
  const moved = await app.fetch(new Request("http://localhost/%e9.txt"));
  assertEquals([moved.status, moved.headers.get("location")], [301, "/%E9.txt"]);
  const response = await app.fetch(new Request("http://localhost/%E9.txt"));
  assertEquals(await response.text(), "found");
});

Deno.test("spelling is reached in one step, and names the same", () => {
  const piece = fc.constantFrom(
    "a",
    "%61",
    "%2e",
    ".",
    "/",
    "%20",
    " ",
    "%",
    "%zz",
    "\u00e9",
    "[",
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
    const raw = pieces.join("");
    const spelling = canonicalSpelling(raw);
    if (spelling === null) return;
    assertEquals(canonicalSpelling(spelling), spelling);
    const lenient = raw.replace(/%(?![0-9a-f]{2})/gi, "%25");
    assertEquals(decoded(spelling), decoded(lenient));
  }));
});

/** What a path names; `null` if that is no text. */
function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

// ---- file systems that take several names for one

/** Files whose names count in any case, in any normalisation of Unicode, or both. */
class FoldingFiles extends MemoryFiles {
  #real(path: string): string {
    const fold = (text: string) => text.normalize("NFC").toLowerCase();
    const name = Object.keys(this.files).find((name) =>
      fold(`${name}/`).startsWith(fold(`${path}/`))
    );
    return name === undefined ? path : name.split("/").slice(0, path.split("/").length).join("/");
  }
  override stat(path: string) {
    return super.stat(this.#real(path));
  }
  override realPath(path: string) {
    return super.realPath(this.#real(path));
  }
  override readFileSync(path: string) {
    return super.readFileSync(this.#real(path));
  }
}

function folding(...names: string[]): (path: string) => Promise<number> {
  const files = new FoldingFiles();
  for (const name of names) files.write(`/www/${name}`, "found");
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  return async (path) => {
    const response = await app.fetch(new Request(`http://localhost/static/${path}`));
    await response.body?.cancel();
    return response.status;
  };
}

Deno.test("file system that does not mind case serves a file by its own name only", async () => {
  const status = folding("Sub/i.html");
  assertEquals(await status("Sub/i.html"), 200);
  for (const name of ["sub/i.html", "SUB/i.html", "Sub/I.html", "Sub/i.HTML"]) {
    for (let i = 0; i < 2; i++) assertEquals(await status(name), 404, name);
  }
});

Deno.test("file system that normalises names serves a file by one form", async () => {
  for (const stored of ["caf\u00e9.txt", "cafe\u0301.txt"]) {
    const status = folding(stored);
    assertEquals(await status("caf%C3%A9.txt"), 200);
    assertEquals(await status("cafe%CC%81.txt"), 404);
  }
});

Deno.test("link to a name in another case is a name of its own where case counts", async () => {
  const files = new MemoryFiles();
  files.write("/www/readme", "found");
  files.write("/www/README", "found", { realPath: "/www/readme" });
  files.write("/www/cafe\u0301", "found");
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  for (const name of ["readme", "README", "cafe%CC%81"]) {
    const response = await app.fetch(new Request(`http://localhost/static/${name}`));
    assertEquals([name, await response.text()], [name, "found"]);
  }
});

Deno.test("root may be written in any case", async () => {
  const files = new FoldingFiles();
  files.write("/WWW/a.txt", "found");
  const app = new Application([], { staticPath: "/www", platform: files.platform });
  const response = await app.fetch(new Request("http://localhost/static/a.txt"));
  assertEquals(await response.text(), "found");
});
