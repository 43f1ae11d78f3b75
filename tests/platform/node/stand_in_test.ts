/** Objects that stand for those of the runtime, whose class is loaded when somebody asks for it. */
import { assertEquals } from "@std/assert";
import { takeRealMembers } from "../../../src/platform/node/node_response.ts";

interface Thing {
  readonly standIn: StandIn;
  readonly asked: () => number;
}

interface StandIn {
  readonly real: Response;
  readonly status: number;
}

/** One of a class of its own, of which nothing has been asked yet. */
function fresh(): Thing {
  let count = 0;
  class Fresh implements StandIn {
    declare readonly status: number;
    get real() {
      return new Response("real", { status: 201 });
    }
  }
  takeRealMembers(Fresh.prototype, () => {
    count++;
    return new Response();
  });
  return { standIn: new Fresh(), asked: () => count };
}

/** What can come first, what it gives, and how often the runtime's object is made for it. */
const FIRST: readonly [
  what: string,
  ask: (it: StandIn) => unknown,
  gives: unknown,
  made: number,
][] = [
  ["a member", (it) => it.status, 201, 1],
  ["a method", (it) => (it as unknown as Response).text(), "real", 1],
  ["a member that is not there", (it) => Reflect.get(it, "none"), undefined, 1],
  ["whether a member is there", (it) => "headers" in it, true, 1],
  ["whether another member is there", (it) => "none" in it, false, 1],
  ["its class", (it) => it instanceof Response, true, 1],
  ["another class", (it) => it instanceof Promise, false, 1],
  ["its kind", (it) => Object.prototype.toString.call(it), "[object Response]", 1],
  ["to be awaited", (it) => Promise.resolve(it).then(() => "awaited"), "awaited", 0],
];

for (const [what, ask, gives, made] of FIRST) {
  Deno.test(`stand-in that is first asked for ${what}`, async () => {
    const { standIn, asked } = fresh();
    assertEquals(asked(), 0);
    assertEquals(await ask(standIn), gives);
    assertEquals(asked(), made);
    assertEquals(standIn instanceof Response, true);
    assertEquals(standIn.status, 201);
    assertEquals(asked(), 1);
  });
}
