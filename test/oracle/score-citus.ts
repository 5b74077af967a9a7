/** Scores a whole file of recordings of Citus and lists what was missed. */

import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import {
  citusSample,
  emptyCitusQueryScore,
  emptyCitusScore,
  printCitusQueryScore,
  printCitusScore,
  readHistories,
  scoreCitusQueries,
  scoreHistory,
} from "./citus-score.ts";

const [file = citusSample, about = "", limit = "30", script = ""] = process.argv.slice(2);
const reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
const score = emptyCitusScore();
const queries = emptyCitusQueryScore();
for (const history of readHistories(file)) {
  if (script !== "" && String(history.id) !== script) continue;
  const steps = scoreHistory(score, history, reading);
  scoreCitusQueries(queries, history, steps, reading);
}
console.log(printCitusScore(score));
console.log(printCitusQueryScore(queries));
const shown = score.misses.filter((miss) => about === "" || about.split(",").includes(miss.about));
const counts = new Map<string, number>();
for (const miss of [...score.misses, ...queries.misses]) counts.set(miss.about, (counts.get(miss.about) ?? 0) + 1);
console.log(counts);
for (const miss of shown.slice(0, Number(limit))) {
  console.log(`${miss.about} ${miss.script}#${miss.statement}: ${miss.sql.replaceAll("\n", " ").slice(0, 300)}`);
  console.log(`    expected ${miss.expected}\n    actual   ${miss.actual}`);
}
for (const miss of queries.misses
  .filter(({ about: kind }) => about === "" || about.split(",").includes(kind))
  .slice(0, Number(limit))) {
  console.log(`${miss.about} ${miss.script}: ${miss.sql.replaceAll("\n", " ").slice(0, 400)}`);
  console.log(`    expected ${miss.expected}\n    actual   ${miss.actual}`);
}
