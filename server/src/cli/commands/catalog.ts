/** `partition-lens catalog`: the tables that a file leaves, and what their partitions cover. */

import { type CatalogAnswer, catalogAnswer } from "../../ide/catalog-answer.ts";
import { type PartitionTreeNode, partitionTree } from "../../ide/partition-tree.ts";
import { stepBefore } from "../../ide/step-places.ts";
import { offsetAt } from "../../text/line-index.ts";
import { type AnalysedFile, whyNotAnalysed, withAnalyser } from "../analyse.ts";
import { type Command, exitCodes, formatOption, textOption, UsageError } from "../command.ts";
import { readSourceFile } from "../source-files.ts";

export const catalogCommand: Command = {
  summary: "Lists the tables that a file leaves, with partitions, bounds and gaps",
  usage: "catalog FILE [--at LINE:COLUMN] [--format text|json]",
  options: { at: { type: "string" } },
  optionHelp: [
    ["--format name", "text or json; text is the default"],
    ["--at line:column", "after the statement at that place instead of the last"],
  ],
  run: async (context) => {
    const format = formatOption(context, ["text", "json"]);
    const source = await readSourceFile(context);
    const file = await withAnalyser(context, [source], ({ analyse }) => analyse(source));
    const catalog = catalogAt(file, textOption(context, "at"));
    context.environment.write(
      format === "json"
        ? `${JSON.stringify(catalogAnswer(catalog), null, 2)}\n`
        : printed(partitionTree({ catalog, definitionOf: () => null }), catalogAnswer(catalog)),
    );
    return exitCodes.clean;
  },
};

function catalogAt({ source, lines, analysis }: AnalysedFile, at: string | undefined) {
  if (analysis === null) throw new UsageError(`${source.path} is ${whyNotAnalysed(source)}`);
  if (at === undefined) return analysis.left;
  const [, line, column = "1"] = /^(\d+)(?::(\d+))?$/.exec(at) ?? [];
  if (line === undefined) throw new UsageError(`--at ${at}: write --at line:column, both from 1`);
  const offset = offsetAt(lines, { line: Number(line) - 1, character: Number(column) - 1 });
  return stepBefore(analysis, offset)?.after ?? analysis.start;
}

function printed(roots: readonly PartitionTreeNode<unknown>[], { relations }: CatalogAnswer): string {
  const plain = relations.length - countNodes(roots);
  const lines = roots.flatMap((root) => treeLines(root, ""));
  if (plain > 0) lines.push(`${plain} other ${plain === 1 ? "table" : "tables"}`);
  return `${lines.join("\n")}\n`;
}

function treeLines(node: PartitionTreeNode<unknown>, indent: string): readonly string[] {
  return [
    `${indent}${node.label}  ${node.description}`,
    ...node.children.flatMap((child) => treeLines(child, `${indent}  `)),
  ];
}

function countNodes(nodes: readonly PartitionTreeNode<unknown>[]): number {
  return nodes.reduce((sum, { kind, children }) => {
    const own = kind === "table" || kind === "partition" || kind === "default" ? 1 : 0;
    return sum + own + countNodes(children);
  }, 0);
}
