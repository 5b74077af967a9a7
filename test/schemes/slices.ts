/** A small scheme that exists only in tests: it slices a range-partitioned table, and remembers changes of its configuration. */

import {
  type ConfigurationTable,
  type Extension,
  type ExtensionFunction,
  p,
} from "../../server/src/schemes/extension.ts";
import { findNamed } from "../../server/src/schemes/named-relation.ts";

/** What was done to its configuration table, in words. */
export const changes: string[] = [];

export const slices: Extension = {
  name: "citus",
  rule: "citus-call",
  schema: null,
  isKnownBy: (schema) => schema === "slices",
  versions: ["2.0", "1.0"],
  reads: /^[12]\./,
  versionSetting: () => "auto",
  functions: new Map<string, ExtensionFunction>([
    [
      "slice",
      {
        signatures: [
          {
            kind: "function",
            since: "2.0",
            until: null,
            returns: "integer",
            parameters: [p("p_table", "text"), p("p_count", "integer", "2"), p("p_from", "integer", "10 - 10")],
          },
          {
            kind: "function",
            since: null,
            until: "2.0",
            returns: "integer",
            parameters: [p("p_table", "text"), p("p_word", "boolean")],
          },
        ],
        run: ({ arguments: given }, work) => {
          const [table, count, from] = ["p_table", "p_count", "p_from"].map((name) => given.get(name));
          if (table?.family !== "text") return work.decline("no table");
          if (count?.family !== "integer" || from?.family !== "integer") return work.decline("no constants");
          if (count.value < 0n)
            return work.refuse({ sqlstate: "P0001", message: `no slices of ${table.value}`, hint: "Cut it." });
          if (findNamed(work.catalog, table.value) === null) return work.decline("the table is not known");
          for (let at = from.value; at < from.value + count.value; at += 1n)
            work.execute(
              `CREATE TABLE ${table.value}_${at} PARTITION OF ${table.value} FOR VALUES FROM (${at}) TO (${at + 1n})`,
            );
          work.attempt(`CREATE TABLE ${table.value}_0 (k int)`);
          return { family: "integer", value: count.value };
        },
      },
    ],
    [
      "tidy",
      {
        signatures: [{ kind: "procedure", since: null, until: null, parameters: [p("p_table", "regclass")] }],
        run: ({ arguments: given }, work) => {
          const table = given.get("p_table");
          if (work.isAtomic) work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
          if (table?.family === "text") work.execute(`DROP TABLE ${table.value}`);
          return null;
        },
      },
    ],
    [
      "sliced",
      {
        returnsSet: true,
        signatures: [
          { kind: "function", since: null, until: null, parameters: [], returns: [{ name: "a", type: "text" }] },
        ],
        run: () => [[{ family: "text", value: "x" }], [{ family: "text", value: "y" }]],
      },
    ],
  ]),
  tables: new Map<string, ConfigurationTable>([
    [
      "slice_config",
      {
        columns: [
          { name: "relation", type: "text" },
          { name: "width", type: "integer" },
        ],
        rows: () => [new Map([["relation", { family: "text", value: "u" }]])],
        concerns: () => [],
        change: (change, work) => {
          const told = (row: ReadonlyMap<string, unknown>): string =>
            [...row]
              .map(
                ([name, value]) =>
                  `${name}=${JSON.stringify(value, (_, each: unknown) => (String(each) === "[object Object]" ? each : String(each)))}`,
              )
              .join(" ");
          if (change.kind === "insert") changes.push(`insert ${told(change.row)}`);
          else if (change.kind === "update")
            changes.push(`update ${told(change.where ?? new Map())}: ${told(change.set)}`);
          else {
            const row = new Map([["relation", { family: "text" as const, value: "u" }]]);
            changes.push(`delete ${change.where === null ? "?" : told(change.where)} ${change.matches(row)}`);
            if (change.matches(row) === true) work.refuse({ sqlstate: "P0001", message: "u is in use" });
          }
        },
      },
    ],
  ]),
};
