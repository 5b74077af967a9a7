// Every fixture: findings as annotated, every fix proved, every claim about PostgreSQL put to real servers.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { textOfStatement } from "../../server/src/syntax/document.ts";
import { applyEdits, type TextEdit } from "../../server/src/text/edit.ts";
import type { Finding, Fix } from "../../server/src/text/finding.ts";
import type { PostgresMajor } from "../support/postgres-binaries.ts";
import { type Analysed, analyse } from "./analyse.ts";
import {
  type Annotation,
  type FixedText,
  type FixtureCase,
  parseFixture,
  printFixture,
  renderCase,
} from "./fixture.ts";
import { type CaseServer, isRunnable, openCaseServer } from "./server.ts";
import { answersTo, checkFacts, expectSameAnswers } from "./truth.ts";

const folder = new URL("../fixtures/rules/", import.meta.url);
const update = process.env["UPDATE_EXPECT"] === "1";

const servers = new Map<PostgresMajor, Promise<CaseServer>>();
afterAll(async () => {
  for (const server of servers.values()) await (await server).close();
});

function serverOf(major: PostgresMajor): Promise<CaseServer> {
  const server = servers.get(major) ?? openCaseServer(major);
  servers.set(major, server);
  return server;
}

for (const name of readdirSync(folder).sort()) {
  const path = new URL(name, folder);
  const fixture = parseFixture(readFileSync(path, "utf8"));
  describe(name, () => {
    const rendered = new Map(fixture.cases.map((item) => [item, item.source]));
    for (const item of fixture.cases) {
      it(item.name, async () => {
        const text = render(item);
        rendered.set(item, text);
        if (!update) expect(text).toBe(item.source);
        expect(findingsOf(item).length === 0, "a case is either annotated or marked `-- @clean`").toBe(
          item.options.clean,
        );
        expectFixesThatAgree(item);
        replayPrefixes(item);
        if (item.options.server) await askServers(item);
      });
    }
    afterAll(() => {
      if (update) writeFileSync(path, printFixture(fixture, [...rendered.values()]));
    });
  });
}

/** Of the newest version of the case; that the others say the same is checked when it is rendered. */
function findingsOf({ sql, options }: FixtureCase): readonly Finding[] {
  return analyse(sql, options.postgres.at(-1) ?? 18, options.settings).findings;
}

function render(item: FixtureCase): string {
  const texts = item.options.postgres.map((version) => {
    const { findings } = analyse(item.sql, version, item.options.settings);
    const fixed = findings.flatMap((finding) => finding.fixes.map((fix) => prove(item, finding, fix, version)));
    return renderCase(item, findings.flatMap(annotationsOf), fixed);
  });
  for (const [index, text] of texts.entries()) {
    expect(text, `PostgreSQL ${item.options.postgres[index]} and ${item.options.postgres[0]}`).toBe(texts[0]);
  }
  return texts[0] ?? "";
}

function annotationsOf(finding: Finding): readonly Annotation[] {
  const { range, severity, rule, message: said, advice } = finding;
  const message = advice === undefined ? said : `${said} ↵ ${advice}`;
  const related = finding.related.map(
    ({ place, message: text }): Annotation => ({
      range: place.range,
      severity: "related",
      rule,
      message: text,
      fixable: false,
    }),
  );
  return [{ range, severity, rule, message, fixable: finding.fixes.length > 0 }, ...related];
}

/** A fix holds if it changes the text, removes its finding, adds none, and leaves accepted what was; overlapping edits throw. */
function prove(
  item: FixtureCase,
  finding: Finding,
  fix: Fix,
  version: FixtureCase["options"]["postgres"][number],
): FixedText {
  const after = applyEdits(item.sql, fix.edits);
  const [old, fixed] = [item.sql, after].map((sql) => analyse(sql, version, item.options.settings));
  const before = countByRule(old?.findings ?? []);
  const left = countByRule(fixed?.findings ?? []);
  const what = `after the fix “${fix.title}” of ${finding.rule}:\n${after}\n`;
  expect(after, `${what}nothing is changed`).not.toBe(item.sql);
  expectStillAccepted(item.sql, after, version, item.options.settings, what);
  expect(left.get(finding.rule) ?? 0, `${what}${finding.rule} is still there`).toBeLessThan(
    before.get(finding.rule) ?? 0,
  );
  for (const [rule, count] of left) expect(count, `${what}${rule} is new`).toBeLessThanOrEqual(before.get(rule) ?? 0);
  return { title: fix.title, before: item.sql, after };
}

/** The preferred fixes of a case are those that a careful person would all take: one for a finding, and together they hold. */
function expectFixesThatAgree({ sql, options }: FixtureCase): void {
  const version = options.postgres.at(-1) ?? 18;
  const { findings } = analyse(sql, version, options.settings);
  const preferred = findings.map(({ rule, fixes }) => {
    const own = fixes.filter((fix) => fix.preferred);
    expect(own.length, `${rule} has several preferred fixes`).toBeLessThanOrEqual(1);
    return own.map((fix) => ({ rule, fix }));
  });
  const all = preferred.flat().slice(0, mostFixes);
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const edits = distinct([...one.fix.edits, ...other.fix.edits]);
      const what = `“${one.fix.title}” of ${one.rule} and “${other.fix.title}” of ${other.rule}`;
      expect(overlap(edits), `${what} exclude each other`).toBe(false);
      expectStillAccepted(sql, applyEdits(sql, edits), version, options.settings, `after ${what}\n`);
    }
  }
}

/** Of so many fixes all pairs are tried. */
const mostFixes = 12;

function distinct(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()];
}

function overlap(edits: readonly TextEdit[]): boolean {
  const sorted = edits.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  return sorted.some(({ range }, index) => range.start < (sorted[index - 1]?.range.end ?? 0));
}

/** What PostgreSQL took before an edit, wherever it stands, it takes behind it. */
function expectStillAccepted(
  before: string,
  after: string,
  version: FixtureCase["options"]["postgres"][number],
  settings: FixtureCase["options"]["settings"],
  what: string,
): void {
  const [old, edited] = [before, after].map((sql) => outcomes(analyse(sql, version, settings)));
  const refusedBefore = new Set(old?.refused);
  const acceptedBefore = new Set(old?.accepted);
  const refused = edited?.refused.filter((text) => acceptedBefore.has(text) && !refusedBefore.has(text));
  expect(refused, `${what}statements are refused that were not`).toEqual([]);
}

function outcomes({ document, steps }: Analysed): { readonly accepted: string[]; readonly refused: string[] } {
  const accepted: string[] = [];
  const refused: string[] = [];
  for (const { handle, rejection } of steps)
    (rejection === null ? accepted : refused).push(textOfStatement(document, handle));
  return { accepted, refused };
}

function countByRule(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

/** Whatever stands in the editor while somebody types is analysed without an exception. */
function replayPrefixes({ sql, options }: FixtureCase): void {
  const version = options.postgres[0] ?? 18;
  const step = Math.max(1, Math.floor(sql.length / 16));
  for (let end = step; end < sql.length; end += step) analyse(sql.slice(0, end), version, options.settings);
}

async function askServers(item: FixtureCase): Promise<void> {
  for (const version of item.options.postgres) {
    if (!isRunnable(version))
      throw new Error(`there is no PostgreSQL ${version} to ask: mark the case \`-- @server none\``);
    const server = await serverOf(version);
    const analysed = analyse(item.sql, version, item.options.settings);
    const { document, findings } = analysed;
    const answers = await answersTo(analysed, server);
    await checkFacts(item, document, answers, server);
    expectSameAnswers(document, findings, answers, item.facts, `PostgreSQL ${version}`);
    if (version !== item.options.postgres.at(-1)) continue;
    for (const fix of findings.flatMap(({ fixes }) => fixes)) {
      const fixed = analyse(applyEdits(item.sql, fix.edits), version, item.options.settings);
      const again = await answersTo(fixed, server);
      expectSameAnswers(
        fixed.document,
        fixed.findings,
        again,
        item.facts,
        `PostgreSQL ${version}, after “${fix.title}”`,
      );
    }
  }
}
