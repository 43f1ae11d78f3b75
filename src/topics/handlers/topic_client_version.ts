/** Which client of topics it is. */
// Written by `deno task browser`, from src/topics/browser/.

/** A hash of its text, for URLs and the entity tag. */
export const TOPIC_CLIENT_VERSION: string = "7BNIgw03zaSHIZAT4mVcbb";
