/** The files of every project. */
import dockerignore from "../templates/shared/.dockerignore" with { type: "text" };
import gitignore from "../templates/shared/.gitignore" with { type: "text" };
import containerfile from "../templates/shared/Containerfile" with { type: "text" };
import deploymentMd from "../templates/shared/DEPLOYMENT.md" with { type: "text" };

/** Their texts, by their paths in the project. */
export const SHARED_FILES: Readonly<Record<string, string>> = {
  ".dockerignore": dockerignore,
  ".gitignore": gitignore,
  "Containerfile": containerfile,
  "DEPLOYMENT.md": deploymentMd,
};
