/** What the leader is asked to do. */
import { isOneOf, type Shape } from "./shape.ts";

/** A question to the leader, or something that it is to do. */
export type Command =
  | {
    readonly do: "append";
    readonly topic: string;
    readonly payload: string;
    /** The producer. */
    readonly id: string;
    readonly number: number;
  }
  | { readonly do: "begin"; readonly topic: string }
  | { readonly do: "touch"; readonly topic: string }
  | {
    readonly do: "join";
    readonly topic: string;
    readonly node: string;
    readonly id: string;
    readonly info: string;
  }
  | { readonly do: "leave"; readonly topic: string; readonly node: string; readonly id: string }
  | { readonly do: "gather"; readonly topic: string }
  | { readonly do: "beat"; readonly node: string; readonly ms: number }
  | { readonly do: "bury"; readonly node: string };

const SHAPES: Readonly<Record<Command["do"], Shape>> = {
  append: { topic: "string", payload: "string", id: "string", number: "number" },
  begin: { topic: "string" },
  touch: { topic: "string" },
  join: { topic: "string", node: "string", id: "string", info: "string" },
  leave: { topic: "string", node: "string", id: "string" },
  gather: { topic: "string" },
  beat: { node: "string", ms: "number" },
  bury: { node: "string" },
};

/** Whether something that came is one. */
export function isCommand(value: unknown): value is Command {
  return isOneOf(value, "do", SHAPES);
}

/** Characters that one has, about. */
export function sizeOfCommand(command: Command): number {
  return 128 + (command.do === "append" ? command.payload.length : 0);
}
