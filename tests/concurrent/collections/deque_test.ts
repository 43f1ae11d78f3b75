import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BinaryHeap } from "../../../src/concurrent/collections/binary_heap.ts";
import { Deque } from "../../../src/concurrent/collections/deque.ts";
import { LinkedList } from "../../../src/concurrent/collections/linked_list.ts";

/** Without its size fast-check makes arrays of about ten, and nothing here would ever grow. */
const LARGE = { maxLength: 500, size: "max" } as const;

Deno.test("deque behaves as an array with push, unshift and shift", () => {
  const step = fc.tuple(fc.constantFrom("push", "push", "unshift", "shift"), fc.integer());
  fc.assert(fc.property(fc.array(step, LARGE), (steps) => {
    const deque = new Deque<number>();
    const model: number[] = [];
    for (const [kind, item] of steps) {
      if (kind === "shift") assertEquals(deque.shift(), model.shift());
      else if (kind === "unshift") deque.unshift(item), model.unshift(item);
      else deque.push(item), model.push(item);
      assertEquals(deque.size, model.length);
      const places = [-1, 0, model.length >> 1, model.length - 1, model.length];
      assertEquals(places.map((place) => deque.at(place)), places.map((place) => model[place]));
    }
    while (model.length > 0) assertEquals(deque.shift(), model.shift());
  }));
});

Deno.test("binary heap gives out what a stable sort would", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat()), LARGE), (items) => {
    const compare = (a: [number, number], b: [number, number]) => a[0] - b[0];
    const heap = new BinaryHeap(compare);
    for (const item of items) heap.push(item);
    assertEquals(items.map(() => heap.shift()), items.toSorted(compare));
    assertEquals(heap.shift(), undefined);
  }));
});

Deno.test("deque grows while it goes round, and shrinks when it empties", () => {
  const deque = new Deque<number>();
  let [put, got] = [0, 0];
  for (let round = 0; round < 100; round++) {
    for (let item = 0; item < 7; item++) deque.push(put++);
    for (let item = 0; item < 3; item++) assertEquals(deque.shift(), got++);
  }
  assertEquals(deque.size, 400);
  while (deque.size > 0) assertEquals(deque.shift(), got++);
  assertEquals([deque.shift(), got], [undefined, put]);
});

Deno.test("linked list keeps its order when entries leave from the middle", () => {
  fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 60, size: "max" }), (removals) => {
    const list = new LinkedList<number>();
    const nodes = Array.from({ length: 20 }, (_, value) => list.push(value));
    const model = new Set(nodes.map((node) => node.value));
    for (const removal of removals) {
      const node = nodes[removal];
      if (node !== undefined) assertEquals(list.remove(node), model.delete(removal));
    }
    assertEquals(list.size, model.size);
    for (const value of model) assertEquals(list.shift()?.value, value);
    assertEquals(list.first, undefined);
  }));
});
