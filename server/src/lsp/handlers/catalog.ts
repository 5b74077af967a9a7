/** `partitionLens/catalog`, `partitionLens/partitionTree`, and the answer to a click on a lens above DDL. */

import { resolveRelation } from "../../ddl/writer.ts";
import type { Analysis } from "../../ide/analysis.ts";
import { catalogAnswerInTurns } from "../../ide/catalog-answer.ts";
import type { RowContext } from "../../ide/partition-rows.ts";
import { type PartitionTreeNode as CoreNode, partitionTreeInTurns, tableNode } from "../../ide/partition-tree.ts";
import { refusedPlacesInTurns } from "../../ide/refused-places.ts";
import { stepBefore } from "../../ide/step-places.ts";
import { offsetAt } from "../../text/line-index.ts";
import type {
  CatalogParams,
  CatalogResult,
  DefinitionPlace,
  MapArguments,
  PartitionTreeNode,
  PartitionTreeParams,
  PartitionTreeResult,
} from "../protocol.ts";
import { definitionOf, requiredAnalysis, type Session } from "../session.ts";

export async function catalog(session: Session, { textDocument, position }: CatalogParams): Promise<CatalogResult> {
  const { file, analysis } = await requiredAnalysis(session, textDocument.uri);
  if (position === undefined) return session.inTurns(catalogAnswerInTurns(analysis.left));
  const offset = offsetAt(file.lines, position);
  // The last statement that begins at or before the position: a cursor in white space stands after it.
  const step = stepBefore(analysis, offset);
  return session.inTurns(catalogAnswerInTurns(step?.after ?? analysis.start));
}

export async function tree(session: Session, { textDocument }: PartitionTreeParams): Promise<PartitionTreeResult> {
  const { analysis } = await requiredAnalysis(session, textDocument.uri);
  const roots = await session.inTurns(partitionTreeInTurns(await rowContext(session, analysis)));
  return { roots: roots.map((node) => withDocument(node, textDocument.uri)) };
}

export async function showPartitions(
  session: Session,
  { uri, table }: MapArguments,
): Promise<PartitionTreeNode | null> {
  const { analysis } = await requiredAnalysis(session, uri);
  const relation = resolveRelation(analysis.final, table);
  if (relation === null) return null;
  return withDocument(await session.inTurns(tableNode(await rowContext(session, analysis), relation)), uri);
}

async function rowContext(session: Session, { final, steps, options }: Analysis): Promise<RowContext<DefinitionPlace>> {
  return {
    catalog: final,
    definitionOf: (origin) => definitionOf(session, origin),
    refused: await session.inTurns(refusedPlacesInTurns(steps, options.version)),
  };
}

/** A node's *Generate* works on the document that the tree was asked for. */
function withDocument(node: CoreNode<DefinitionPlace>, uri: string): PartitionTreeNode {
  return {
    ...node,
    children: node.children.map((child) => withDocument(child, uri)),
    generate: node.generate === undefined ? undefined : { ...node.generate, textDocument: { uri } },
  };
}
