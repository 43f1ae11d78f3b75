/**
 * What the leader tells the others to do: each does the same in the same order, and so has the same.
 */
import { isOneOf, type Shape } from "./shape.ts";

/** A change of what all isolates keep. */
export type Operation =
  | {
    readonly op: "append";
    readonly topic: string;
    readonly epoch: string;
    readonly offset: number;
    readonly payload: string;
    /** The producer. */
    readonly id: string;
    readonly number: number;
  }
  | { readonly op: "begin"; readonly topic: string; readonly epoch: string }
  | { readonly op: "touch"; readonly topic: string }
  | { readonly op: "forget"; readonly topic: string }
  | {
    readonly op: "member";
    readonly topic: string;
    readonly epoch: string;
    readonly node: string;
    readonly id: string;
    readonly info: string;
    readonly gone: boolean;
  }
  | { readonly op: "gather"; readonly topic: string; readonly epoch: string }
  | { readonly op: "scatter"; readonly topic: string }
  | { readonly op: "beat"; readonly node: string };

const SHAPES: Readonly<Record<Operation["op"], Shape>> = {
  append: {
    topic: "string",
    epoch: "string",
    offset: "number",
    payload: "string",
    id: "string",
    number: "number",
  },
  begin: { topic: "string", epoch: "string" },
  touch: { topic: "string" },
  forget: { topic: "string" },
  member: {
    topic: "string",
    epoch: "string",
    node: "string",
    id: "string",
    info: "string",
    gone: "boolean",
  },
  gather: { topic: "string", epoch: "string" },
  scatter: { topic: "string" },
  beat: { node: "string" },
};

/** Whether something that came is one. */
export function isOperation(value: unknown): value is Operation {
  return isOneOf(value, "op", SHAPES);
}
