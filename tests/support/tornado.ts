/**
 * Python's Tornado as a peer: what it reads and writes, to compare with.
 *
 * @module
 */

/** The Python that has Tornado, or `null`: the tests that need it are then ignored by name. */
export const tornadoPython: string | null = ["python3", "/usr/bin/python3"].find(hasTornado) ??
  null;

/**
 * Runs a Python script that reads JSON from `input` and puts its answer in `output`.
 *
 * @param script The script; `json` and `sys` are imported.
 * @param input What the script finds in `input`.
 * @returns What it left in `output`. Let it hold pairs, not objects, where keys may have escapes in
 * JSON: `JSON.parse` of V8 15.0 can mistake one such key for another.
 */
export async function runPython(script: string, input: unknown): Promise<unknown> {
  const program = [
    "import json, sys",
    "input = json.load(sys.stdin)",
    script,
    "json.dump(output, sys.stdout)",
  ].join("\n");
  const child = new Deno.Command(tornadoPython ?? "python3", {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function hasTornado(python: string): boolean {
  try {
    const args = ["-c", "import tornado"];
    return new Deno.Command(python, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
