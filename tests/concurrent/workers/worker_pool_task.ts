/** The module that the worker pool's tests run. */
export default function add(a: number, b: number): number {
  return a + b;
}

export function shout(text: string): string {
  return `${text.toUpperCase()}!`;
}
