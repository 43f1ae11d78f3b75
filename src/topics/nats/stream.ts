/** The streams that a broker keeps at a server. */
import type { JetStreamApiError, StreamConfig, StreamInfo } from "@nats-io/jetstream";
import type { NatsSession } from "./nats_session.ts";

const NANOSECONDS = 1_000_000;

/** Milliseconds that a server knows what was published: what is sent again is stored once. */
const DUPLICATES = 120_000;

/** Milliseconds after which a server keeps messages without an end: its count has an end. */
const LONGEST = 100 * 365 * 24 * 60 * 60 * 1000;

/** There is no such stream (`JSStreamNotFoundErr`). */
const NOT_FOUND = 10059;

/** The stream's name is in use with other properties (`JSStreamNameExistErr`). */
const NAME_IN_USE = 10058;

/** What a stream has to be. */
export interface StreamWish {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly republish: { readonly src: string; readonly dest: string };
  readonly storage: "file" | "memory";
  readonly replicas: number;
  /** Messages that a subject keeps. */
  readonly history: number;
  /** Milliseconds that a message is kept; `Infinity` for no end. */
  readonly age: number;
}

/** What a stream is. */
export interface StreamState {
  /** The life of the stream: another one if it was made anew. */
  readonly epoch: string;
  readonly history: number;
  readonly age: number;
  /** The sequence of its last message. */
  readonly last: number;
}

/** Whether a stream keeps all that it should. */
export function covers(state: StreamState, wish: StreamWish): boolean {
  return state.history >= wish.history && state.age >= ageOf(wish);
}

/**
 * Makes a stream, unless it is there, and lets it keep more where it keeps too little. It never keeps
 * less: an older version of the application may still run, and know more.
 */
export async function ensureStream(session: NatsSession, wish: StreamWish): Promise<StreamState> {
  const there = await find(session, wish.name) ?? await add(session, wish);
  const info = fits(there, wish) ? there : await update(session, there.config, wish);
  return stateOf(info);
}

/** What JetStream refused; `null` if it is another error. */
export function apiErrorOf({ library }: NatsSession, error: unknown): JetStreamApiError | null {
  return error instanceof library.jetstream.JetStreamApiError ? error : null;
}

async function find(session: NatsSession, name: string): Promise<StreamInfo | null> {
  try {
    return await session.manager.streams.info(name);
  } catch (error) {
    if (apiErrorOf(session, error)?.code === NOT_FOUND) return null;
    throw error;
  }
}

async function add(session: NatsSession, wish: StreamWish): Promise<StreamInfo> {
  const { manager, library } = session;
  const { StorageType } = library.jetstream;
  try {
    return await manager.streams.add({
      name: wish.name,
      subjects: [...wish.subjects],
      storage: wish.storage === "file" ? StorageType.File : StorageType.Memory,
      num_replicas: wish.replicas,
      duplicate_window: DUPLICATES * NANOSECONDS,
      republish: { ...wish.republish },
      max_msgs_per_subject: wish.history,
      max_age: nanoseconds(ageOf(wish)),
    });
  } catch (error) {
    // Another process was faster, and keeps something else.
    const isThere = apiErrorOf(session, error)?.code === NAME_IN_USE;
    const there = isThere ? await find(session, wish.name) : null;
    if (there === null) throw error;
    return there;
  }
}

function update(
  { manager }: NatsSession,
  config: StreamConfig,
  wish: StreamWish,
): Promise<StreamInfo> {
  return manager.streams.update(wish.name, {
    ...config,
    subjects: [...new Set([...config.subjects ?? [], ...wish.subjects])],
    republish: { ...wish.republish },
    duplicate_window: Math.max(config.duplicate_window ?? 0, DUPLICATES * NANOSECONDS),
    max_msgs_per_subject: counted(Math.max(historyOf(config), wish.history)),
    max_age: nanoseconds(Math.max(keptFor(config), ageOf(wish))),
  });
}

function fits({ config }: StreamInfo, wish: StreamWish): boolean {
  const { republish, subjects = [], duplicate_window = 0 } = config;
  return historyOf(config) >= wish.history && keptFor(config) >= ageOf(wish) &&
    duplicate_window >= DUPLICATES * NANOSECONDS &&
    republish?.src === wish.republish.src && republish.dest === wish.republish.dest &&
    wish.subjects.every((subject) => subjects.includes(subject));
}

function stateOf({ config, created, state }: StreamInfo): StreamState {
  const epoch = Date.parse(created).toString(36);
  return { epoch, history: historyOf(config), age: keptFor(config), last: state.last_seq };
}

/** A server refuses to know a publication for longer than it keeps it. */
function ageOf({ age }: StreamWish): number {
  return age > LONGEST ? Infinity : Math.max(age, DUPLICATES);
}

/** None, to a server, is -1. */
function historyOf({ max_msgs_per_subject = -1 }: StreamConfig): number {
  return max_msgs_per_subject <= 0 ? Infinity : max_msgs_per_subject;
}

function counted(history: number): number {
  return history === Infinity ? -1 : history;
}

/** None, to a server, is 0. */
function keptFor({ max_age = 0 }: StreamConfig): number {
  return max_age === 0 ? Infinity : max_age / NANOSECONDS;
}

function nanoseconds(ms: number): number {
  return ms === Infinity ? 0 : Math.ceil(ms) * NANOSECONDS;
}
