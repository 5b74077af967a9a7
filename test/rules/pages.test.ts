// The pages of the manual: the SQL under “before” fires the page's rule, the SQL under “after” does not, and servers agree.
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { rules } from "../../server/src/rules/index.ts";
import { analyse } from "./analyse.ts";
import { type CaseServer, isRunnable, openCaseServer } from "./server.ts";
import { answersTo, expectSameAnswers } from "./truth.ts";

type Block = { readonly kind: "before" | "after"; readonly options: string; readonly sql: string };

const folder = new URL("../../server/docs/rules/", import.meta.url);
const servers = new Map<number, Promise<CaseServer>>();
afterAll(async () => {
  for (const server of servers.values()) await (await server).close();
});

for (const file of readdirSync(folder).sort()) {
  const rule = basename(file, ".md");
  const text = readFileSync(new URL(file, folder), "utf8");
  describe(rule, () => {
    const blocks = [...text.matchAll(/^```sql(?: (before|after)(.*))?\n([\s\S]*?)^```$/gm)].map(
      ([, kind, options = "", sql = ""]): Block => {
        if (kind !== "before" && kind !== "after") throw new Error("every SQL block is `before` or `after`");
        return { kind, options, sql };
      },
    );

    it("begins with its id and the rule's summary or a sentence of its own", () => {
      expect(text).toMatch(new RegExp(`^# ${rule}\\n\\n[^#\\n]+\\.\\n\\n\\*\\*Severity:\\*\\* `));
      expect(text).toContain(`**Severity:** ${rules.find(({ id }) => id === rule)?.severity}`);
    });

    it("shows how it is wrong and how it is right", () => {
      expect(new Set(blocks.map(({ kind }) => kind))).toEqual(new Set(["before", "after"]));
    });

    it.each(blocks)("$kind: $sql", async ({ kind, options, sql }) => {
      const settings = Object.fromEntries(
        [...options.matchAll(/([\w.]+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]),
      );
      const { postgres = "13,18", server = "yes", ...others } = settings;
      for (const version of postgres.split(",").map((major) => Number(major) as PostgresVersion)) {
        const analysed = analyse(sql, version, others);
        const { document, findings } = analysed;
        const found = findings.map((finding) => finding.rule);
        if (kind === "before") expect(found).toContain(rule);
        else expect(findings.map(({ rule: id, message }) => `${id}: ${message}`)).toEqual([]);
        if (server === "none" || !isRunnable(version)) continue;
        const connection = servers.get(version) ?? openCaseServer(version);
        servers.set(version, connection);
        const answers = await answersTo(analysed, await connection);
        expectSameAnswers(document, findings, answers, [], `PostgreSQL ${version}`);
      }
    });
  });
}
