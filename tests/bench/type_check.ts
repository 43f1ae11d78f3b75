/**
 * How long `deno check` takes for an application of 200 handlers, against one of Hono with 200 routes.
 *
 * `deno run -A tests/bench/type_check.ts [--check] [--rounds=N]`
 *
 * Ours is the package, as it is published. Compared is the processor time, the least of some rounds, each
 * of another text, since the runtime remembers what it has checked. `--check` fails above the budget.
 */
import config from "../../deno.json" with { type: "json" };

const ROUTES = 200;
const BUDGET = 1.2;

const ROOT = new URL("../../", import.meta.url).pathname;

const rounds = Number(Deno.args.find((arg) => arg.startsWith("--rounds="))?.split("=")[1] ?? 3);
const root = await Deno.makeTempDir();
try {
  await run(["task", "package", `${root}/package`], ROOT);
  await Deno.writeTextFile(
    `${root}/deno.json`,
    JSON.stringify({
      // What is installed from a registry is not looked into either.
      compilerOptions: { skipLibCheck: true },
      imports: {
        "@gustnado/gustnado": "./package/mod.js",
        "@logtape/logtape": config.imports["@logtape/logtape"],
        hono: config.imports.hono,
      },
    }),
  );
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await secondsOf("gustnado.ts", ourApplication(round)));
    theirs.push(await secondsOf("hono.ts", theirApplication(round)));
  }
  const [own, hono] = [Math.min(...ours), Math.min(...theirs)];
  const ratio = own / hono;
  console.log(`gustnado  ${own.toFixed(2)} s\nhono      ${hono.toFixed(2)} s`);
  console.log(`ratio     ${ratio.toFixed(2)}, at most ${BUDGET}`);
  if (Deno.args.includes("--check") && ratio > BUDGET) Deno.exitCode = 1;
} finally {
  await Deno.remove(root, { recursive: true });
}

async function secondsOf(name: string, text: string): Promise<number> {
  await Deno.writeTextFile(`${root}/${name}`, text);
  const before = processorTimeOfChildren();
  await run(["check", "--quiet", name], root);
  return processorTimeOfChildren() - before;
}

async function run(args: readonly string[], cwd: string): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdout: "null" });
  const { success, stderr } = await command.output();
  if (!success) {
    throw new Error(`deno ${args.join(" ")} failed\n${new TextDecoder().decode(stderr)}`);
  }
}

/** Seconds, of those that have ended, as Linux counts them: in hundredths. */
function processorTimeOfChildren(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function ourApplication(round: number): string {
  const handlers = each((route) =>
    `class Handler${route} extends RequestHandler {
  override get(id: string) {
    const page = this.getQueryArgument("page", "1");
    this.write({ id, page, route: ${route} });
  }
  override post(id: string) {
    this.setStatus(201);
    this.write({ id });
  }
}`
  );
  const routes = each((route) => `  ["/route${route}/:id", Handler${route}],`);
  return `import { Application, RequestHandler } from "@gustnado/gustnado";
// Round ${round}
${handlers}

const app = new Application([
${routes}
]);
export default app;
`;
}

function theirApplication(round: number): string {
  const routes = each((route) =>
    `app.get("/route${route}/:id", (context) => {
  const id = context.req.param("id");
  const page = context.req.query("page") ?? "1";
  return context.json({ id, page, route: ${route} });
});
app.post("/route${route}/:id", (context) => context.json({ id: context.req.param("id") }, 201));`
  );
  return `import { Hono } from "hono";
// Round ${round}
const app = new Hono();
${routes}
export default app;
`;
}

function each(write: (route: number) => string): string {
  return Array.from({ length: ROUTES }, (_, route) => write(route)).join("\n");
}
