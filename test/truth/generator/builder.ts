/** A script in the making: its tables as far as the generator remembers them, and the hand in which it is written. */

import type { Random } from "./random.ts";
import type { KeyType } from "./values.ts";

export type Strategy = "range" | "list" | "hash";

export interface ColumnSpec {
  name: string;
  /** The declared type. */
  sql: string;
  /** For columns whose values the generator can spell. */
  values: KeyType | null;
  /** NOT NULL, DEFAULT … behind the type. */
  suffix: string;
}

/** What a bound's datum may hold: one element of a partition key. */
export interface KeyElement {
  sql: string;
  values: KeyType;
}

export interface TableSpec {
  /** As statements write it, with its schema where needed. */
  name: string;
  columns: ColumnSpec[];
  constraints: string[];
  strategy: Strategy | null;
  key: KeyElement[];
  parent: TableSpec | null;
  partitions: TableSpec[];
  /** Where the next range begins. */
  cursor: number;
}

export interface Builder {
  readonly random: Random;
  readonly statements: string[];
  readonly tables: TableSpec[];
  /** Adds a statement in this script's hand. */
  add(sql: string): void;
  /** The next number for names. */
  number(): number;
  /** Makes a type exist. */
  use(type: KeyType): void;
}

export function createBuilder(random: Random): Builder {
  const statements: string[] = [];
  const setups = new Set<string>();
  const hand = chooseHand(random);
  let count = 0;
  return {
    random,
    statements,
    tables: [],
    add: (sql) => void statements.push(write(sql, hand, random)),
    number: () => ++count,
    use(type) {
      for (const setup of type.setup) {
        if (setups.has(setup)) continue;
        setups.add(setup);
        // Now and then somebody forgets it.
        if (random.chance(0.97)) statements.push(setup);
      }
    },
  };
}

/** How somebody writes SQL. */
interface Hand {
  readonly upper: boolean;
  readonly careless: number;
}

function chooseHand(random: Random): Hand {
  return { upper: random.chance(0.3), careless: random.pick([0, 0, 0.01, 0.03, 0.1]) };
}

const keywords =
  /\b(?:create|table|partition|of|by|range|list|hash|for|values|from|to|in|with|default|attach|detach|alter|drop|add|column|constraint|primary|key|unique|check|not|null|if|exists|like|including|all|insert|into|minvalue|maxvalue|modulus|remainder|begin|commit|rollback)\b/g;

/** Spreads case, blanks, line ends and comments over a statement, outside of its quotes. */
function write(sql: string, hand: Hand, random: Random): string {
  const parts = sql.split(/('(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\2\$)/);
  const written: string[] = [];
  // Of every three parts, the first is plain, the second quoted, the third the tag of a dollar quote.
  for (let index = 0; index < parts.length; index += 3) {
    const plain = parts[index] ?? "";
    const cased = hand.upper ? plain.replace(keywords, (word) => word.toUpperCase()) : plain;
    written.push(cased.replace(/ /g, () => (random.chance(hand.careless) ? random.pick(gaps) : " ")));
    written.push(parts[index + 1] ?? "");
  }
  const text = written.join("");
  if (!random.chance(hand.careless)) return text;
  return `${random.pick(["-- monthly\n", "/* first */ ", "-- don't split ; here\n", "\n\n", "/* a /* nested */ one */\n"])}${text}`;
}

const gaps = ["\n", "  ", "\t", "\n    ", " /* bound */ ", " -- here; 'too'\n", "\r\n"];
