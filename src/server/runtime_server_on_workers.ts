/** What stands in the place of `runtime_server.ts` in the package, for Workers: they have no such server. */

/** Has nothing to do: a Worker is not told of its end. */
export function joinRuntimeServer(): void {}
