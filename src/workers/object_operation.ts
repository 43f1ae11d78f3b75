/** What a worker asks of the object that hosts the topics: a request with JSON, answered with JSON. */
import type { LogRead, PresenceList, Producer } from "../topics/broker/broker.ts";
import type { Appended } from "../topics/broker/broker.ts";
import type { Payload } from "../topics/broker/payload.ts";
import type { Position } from "../topics/broker/position.ts";
import type { ObjectBroker } from "./object_broker.ts";

/** One operation. The object believes it: only workers with its binding can ask. */
export type Operation =
  | {
    readonly type: "append";
    readonly topic: string;
    readonly payload: Payload;
    readonly producer?: Producer;
  }
  | { readonly type: "read"; readonly topic: string; readonly after: Position | null }
  | { readonly type: "top"; readonly topic: string }
  | { readonly type: "list"; readonly topic: string }
  | { readonly type: "plain"; readonly topic: string; readonly payload: Payload };

/** What each gives. */
export interface OperationResults {
  readonly append: Appended;
  readonly read: LogRead;
  readonly top: Position;
  readonly list: PresenceList;
  readonly plain: null;
}

/** Answers an operation: 200 with its result, or 500 with the message of the error. */
export async function answerOperation(request: Request, broker: ObjectBroker): Promise<Response> {
  try {
    const operation: Operation = await request.json();
    return Response.json(await run(operation, broker));
  } catch (error) {
    return Response.json(error instanceof Error ? error.message : String(error), { status: 500 });
  }
}

function run(operation: Operation, broker: ObjectBroker): unknown {
  const { log, presence, context } = broker;
  const { topic } = operation;
  switch (operation.type) {
    case "append":
      return log.append(topic, operation.payload, operation.producer);
    case "read":
      return log.read(topic, operation.after);
    case "top":
      return log.top(topic);
    case "list":
      return presence.list(topic);
    case "plain":
      context.events.plain(topic, operation.payload);
      return null;
  }
}
