/** Makes a token for a client: `deno task token <name>`. Another one takes its place. */
import { openDatabase } from "./database.ts";
import { Tokens } from "./tokens.ts";

const [name] = Deno.args;
if (name === undefined) {
  console.error("Cannot make a token for nobody: deno task token <name>");
  Deno.exit(2);
}
const database = openDatabase("data/my-app.sqlite");
console.log(await new Tokens(database).issue(name));
database.close();
