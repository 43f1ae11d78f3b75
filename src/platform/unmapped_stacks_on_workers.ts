/** What stands in the place of `unmapped_stacks.ts` in the package, for Workers: nothing to go round there. */

/** Workers open no files. */
export function isOutOfFiles(): boolean {
  return false;
}

/** Is never called for. */
export function leaveOutLines(): void {}
