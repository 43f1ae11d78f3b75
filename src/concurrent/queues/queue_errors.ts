/**
 * `getNowait` found no item (`tornado.queues.QueueEmpty`).
 *
 * @category Locks and queues
 */
export class QueueEmpty extends Error {
  /** Always `"QueueEmpty"`. */
  override readonly name = "QueueEmpty";
}

/**
 * `putNowait` found no room (`tornado.queues.QueueFull`).
 *
 * @category Locks and queues
 */
export class QueueFull extends Error {
  /** Always `"QueueFull"`. */
  override readonly name = "QueueFull";
}

/**
 * The queue was closed: nothing can be put, or nothing is left to get.
 *
 * @category Locks and queues
 */
export class QueueClosed extends Error {
  /** Always `"QueueClosed"`. */
  override readonly name = "QueueClosed";
}
