// What stays in memory behind edits, after each tenth of them.
// Usage: node test/truth/soak.mjs [--edits 10000] [--documents 1] [--statements 2000 | --insert 1800000]
import { parseArgs } from "node:util";
import { longInsert } from "./attacks.ts";
import { growthOfTyping, longStatementsForTests, manyStatements, openFilesForTests } from "./soak.ts";

const { values } = parseArgs({
  options: {
    edits: { type: "string", default: "10000" },
    documents: { type: "string", default: "1" },
    statements: { type: "string", default: "2000" },
    insert: { type: "string" },
  },
});
const text =
  values.insert === undefined ? manyStatements(Number(values.statements)) : longInsert(Number(values.insert));
const elsewhere = longStatementsForTests();
const files = await openFilesForTests({ elsewhere: elsewhere.read });
const say = (line: string) => process.stdout.write(`${line}\n`);
const growth = await growthOfTyping(files, text, Number(values.edits), say, Number(values.documents));
say(`${growth.toFixed(0)} MB more than after the first tenth`);
await elsewhere.close();
