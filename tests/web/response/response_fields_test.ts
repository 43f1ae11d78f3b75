import { assertEquals } from "@std/assert";
import { ResponseFields } from "../../../src/web/response/response_fields.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("header fields of one name are added and joined in linear time", () => {
  const add = (n: number) => {
    const fields = new ResponseFields();
    for (let i = 0; i < n; i++) fields.append("X-Many", i);
    return fields.get("x-many");
  };
  assertEquals(add(3), "0, 1, 2");
  assertLinear(add, { n: 10_000 });
});
