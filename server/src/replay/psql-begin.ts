/** Before which statements psql sends no BEGIN of its own when AUTOCOMMIT is off: it goes by their first words. */

/** `command_no_begin`: commands of transactions, and some of those that may not run inside of one. */
export function needsNoBegin(text: string): boolean {
  const words = text.slice(0, longestOpening).replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ");
  return openings.some((opening) => opening.test(words.trimStart()));
}

const longestOpening = 1_000;

const openings: readonly RegExp[] = [
  /^(?:abort|begin|start|commit|end|rollback|vacuum)(?![a-z])/i,
  /^prepare\s+transaction(?![a-z])/i,
  /^cluster(?![a-z])(?!\s*[a-z])/i,
  /^create\s+(?:database|tablespace)(?![a-z])/i,
  /^create\s+(?:unique\s+)?index\s+concurrently(?![a-z])/i,
  /^alter\s+system(?![a-z])/i,
  /^(?:drop|reindex)\s+(?:database|system|tablespace)(?![a-z])/i,
  /^(?:drop|reindex)\s+(?:index|table)\s+concurrently(?![a-z])/i,
  /^discard\s+all(?![a-z])/i,
];
