/** Links among the files of an application. */
import { realpath, stat } from "node:fs/promises";
import { sep } from "node:path";

/** Whether a link leads to a file below a folder: loaders and handlers follow no other one either. */
export async function leadsToFile(link: string, folder: string): Promise<boolean> {
  try {
    const [target, root] = await Promise.all([realpath(link), realpath(folder)]);
    return target.startsWith(root + sep) && (await stat(target)).isFile();
  } catch {
    return false;
  }
}

/** What is said of a link that is not followed. */
export function passedOver(link: string): string {
  return `${link} is a link to no file of its folder, and was passed over`;
}
