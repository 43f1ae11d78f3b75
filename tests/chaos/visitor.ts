/** A client of the arena, whatever it is made of. */

/** What somebody says: by whom, and the how manieth of theirs. */
export interface Word {
  readonly by: number;
  readonly number: number;
}

/** What a visitor sees. */
export interface Watcher {
  /** A message came. */
  message(topic: string, word: Word): void;
  /** The connection is gone. */
  left(): void;
  /** The connection is there again. */
  returned(): void;
  /** A topic goes on where it was; `false` if something was lost, and the client knows it. */
  resumed(topic: string, recovered: boolean): void;
  /** Something of a topic was lost on a connection that stayed, and the client knows it. */
  lost(topic: string): void;
}

/** One client. */
export interface Visitor {
  /** Settles when all its topics are subscribed for the first time. */
  readonly ready: Promise<void>;
  /** Settles when the server has it. */
  publish(topic: string, word: Word): Promise<void>;
  close(): void;
}

/** Makes a visitor. */
export type Invite = (url: string, topics: readonly string[], watcher: Watcher) => Visitor;
