/** The `deno.json` of a project that uses a checkout of the library in place of what is published. */
import { shown } from "../checks/shown.ts";
import { absolutePath, textOf } from "../platform/new_files.ts";

const LIBRARY = "@gustnado/gustnado";

/** What is read of a `deno.json`. */
interface Manifest {
  readonly name?: string;
  readonly imports?: Readonly<Record<string, string>>;
  readonly compilerOptions?: { readonly types?: readonly string[] };
}

/**
 * Makes a `deno.json` link to a checkout. Packages that both use are those of the checkout, so that
 * nothing else has to be fetched.
 *
 * @param text The file.
 * @param checkout The folder of the checkout.
 * @throws {TypeError} If there is no library in the folder.
 */
export async function linkToCheckout(text: string, checkout: string): Promise<string> {
  const folder = absolutePath(checkout);
  const library = await manifestOf(folder);
  const project = parse(text);
  const imports = Object.entries(project.imports ?? {})
    .map(([name, target]) => [name, library.imports?.[name] ?? target]);
  const types = library.compilerOptions?.types?.map((path) => absolutePath(`${folder}/${path}`));
  const linked = {
    ...project,
    links: [folder],
    imports: Object.fromEntries(imports),
    compilerOptions: { ...project.compilerOptions, ...(types && { types }) },
  };
  return `${JSON.stringify(linked, null, 2)}\n`;
}

async function manifestOf(folder: string): Promise<Manifest> {
  const text = await textOf(`${folder}/deno.json`);
  const manifest = text === null ? null : parse(text);
  if (manifest?.name === LIBRARY) return manifest;
  throw new TypeError(
    `Cannot use the checkout ${shown(folder)}: there is no deno.json of ${LIBRARY} in it`,
  );
}

function parse(text: string): Manifest {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? value : {};
}
