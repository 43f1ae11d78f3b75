import { assertEquals } from "@std/assert";
import { TOPIC_CLIENT_TEXT } from "../../../src/topics/handlers/topic_client_text.ts";
import { TopicSite } from "../../support/topic_site.ts";

/** Follows, publishes, is cut, goes on, closes, and ends because nothing keeps it. */
const PROGRAM = `
  import process from "node:process";
  import { TopicClient } from "./topic_client.mjs";
  const client = new TopicClient(process.env.ORIGIN + "/topics", { WebSocket });
  const topic = client.subscribe("log/a");
  const messages = [];
  topic.addEventListener("message", ({ data }) => {
    messages.push(data);
    if (messages.length < 2) client.send("cut me").catch(() => {});
    else {
      console.log(JSON.stringify([messages, client.state]));
      client.close();
    }
  });
  topic.addEventListener("subscribed", () => client.publish("log/a", "a"), { once: true });
`;

/** What the program prints before it ends. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await using site = new TopicSite();
    await Deno.writeTextFile(`${folder}/topic_client.mjs`, TOPIC_CLIENT_TEXT);
    await Deno.writeTextFile(`${folder}/main.mjs`, PROGRAM);
    const program = new Deno.Command(command, {
      args: [...args, "main.mjs"],
      cwd: folder,
      env: { ORIGIN: site.origin },
    }).output();
    await site.isTold();
    site.proxy.cut();
    await site.app.publish("log/a", "b");
    const { stdout, stderr, success } = await program;
    const text = new TextDecoder().decode(stdout);
    return success ? text : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The major version of the Node that is installed; 0 if there is none. */
function nodeVersion(): number {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"] }).outputSync();
    return Number(/^v(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]);
  } catch {
    return 0;
  }
}

const EXPECTED = '[["a","b"],"open"]\n';
const NODE = nodeVersion();

Deno.test({
  name: "a program of Node follows topics, and ends when it has closed [needs node]",
  ignore: NODE < 20,
  fn: async () => {
    const args = NODE < 22 ? ["--experimental-websocket", "--no-warnings"] : [];
    assertEquals(await outputOf("node", args), EXPECTED);
  },
});

Deno.test("a program of Deno follows topics, and ends when it has closed", async () => {
  assertEquals(await outputOf(Deno.execPath(), ["run", "--quiet", "-A"]), EXPECTED);
});
