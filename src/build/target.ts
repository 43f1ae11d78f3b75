/** What an application is built for. */

/**
 * A runtime that an application is built for.
 *
 * @category Servers and runtimes
 */
export type Target = "workers" | "deno" | "bun" | "node";

/** What a build has to know of a runtime. */
export interface TargetFacts {
  /** What it is called. */
  readonly name: string;
  /** The conditions of `exports` and `imports` in `package.json`, in any order. */
  readonly conditions: readonly string[];
  /** The global names by which the library tells runtimes apart. */
  readonly globals: readonly string[];
  /** Whether a program can read files beside the bundle. */
  readonly hasFiles: boolean;
  /** Whether code may be made of text. */
  readonly generatesCode: boolean;
  /** What calls of some members of the platform always give, as JavaScript. */
  readonly platformCalls: Readonly<Record<string, string>>;
  /** Whether static functions of the language have to be replaced. */
  readonly lacksFunctions: boolean;
}

/** Them all. */
export const TARGETS: Readonly<Record<Target, TargetFacts>> = {
  workers: {
    name: "Workers",
    conditions: ["workerd", "worker", "browser", "import"],
    globals: ["WebSocketPair"],
    hasFiles: false,
    generatesCode: false,
    platformCalls: {
      calledByRuntimeServer: "false",
      joinable: "void 0",
      webSocketHooks: "void 0",
      stopRuntimeServer: "void 0",
      nodeEngine: "void 0",
      bodyReader: "void 0",
      bufferedBody: "null",
      packHeaders: "null",
    },
    lacksFunctions: false,
  },
  deno: {
    name: "Deno",
    conditions: ["deno", "node", "import"],
    globals: ["Deno"],
    hasFiles: true,
    generatesCode: true,
    platformCalls: {},
    lacksFunctions: false,
  },
  bun: {
    name: "Bun",
    conditions: ["bun", "node", "import"],
    globals: ["Bun"],
    hasFiles: true,
    generatesCode: true,
    platformCalls: {},
    lacksFunctions: false,
  },
  node: {
    name: "Node",
    conditions: ["node", "import"],
    globals: [],
    hasFiles: true,
    generatesCode: true,
    platformCalls: {},
    lacksFunctions: true,
  },
};

/** Whether a text names a target. */
export function isTarget(text: string): text is Target {
  return Object.hasOwn(TARGETS, text);
}
