/** Lines as frames of `gustnado.v1.json`. */

/** Characters of a frame, and how many lines it has. */
const SIZE = 65_536;
const LINES = 64;

/** Joins lines into frames; a line that is longer is one by itself. */
export function framesOf(lines: readonly string[]): string[] {
  const frames: string[][] = [];
  let size = Infinity;
  for (const line of lines) {
    size += line.length;
    const frame = frames.at(-1);
    if (frame === undefined || frame.length === LINES || size > SIZE) {
      frames.push([line]);
      size = line.length;
    } else frame.push(line);
  }
  return frames.map((frame) => frame.join("\n"));
}
