// Names and constants made to pass for something else in some medium, a script that uses them everywhere, and what no medium may show.

/** Each stays under the 63 bytes at which PostgreSQL cuts names, with a few to spare. */
export const hostileNames: readonly string[] = [
  "[a](http://e.example)",
  "![i](http://e.example/i.png)",
  "[a](command:evil.run)",
  "<img src=x onerror=y><!--",
  "[a]: http://e.example",
  "http://e.example www.e.example a@e.example",
  "a\rFORGED",
  "a\nFORGED",
  "a\u2028FORGED\u0085FORGED\vFORGED",
  "\u202etxet\u2066\u200f\u061c",
  "\u001b[31mred\u0007\b",
  "$(zap) $(sync~spin)",
  "`a``b`|c\\|d\\",
  "it's \"quoted\" ''",
  "a--b /* c */ -- d",
  "&lt;b&gt; &#36;(zap)",
  "1. a",
  "# a",
  "**a** _b_ ~~c~~",
  "\u200b\u00ad\ufeff",
  "   ",
];

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Tables of that name with a column of that name and bounds that hold it, a gap, an overlap, queries, and a table to be split. */
export function scriptOf(name: string, index: number): string {
  const table = (suffix: string): string => quoted(`${name}${index}${suffix}`);
  const [text, key, one, two, three, number] = [
    table(""),
    quoted(name),
    table("a"),
    table("b"),
    table("c"),
    table("i"),
  ];
  const from = (suffix: string, low: string, high: string): string =>
    `CREATE TABLE ${suffix} PARTITION OF ${text} FOR VALUES FROM (${literal(name + low)}) TO (${literal(name + high)});`;
  return [
    `CREATE TABLE ${text} (${key} text, n int) PARTITION BY RANGE (${key});`,
    from(one, "1", "2"),
    from(two, "4", "5"),
    from(three, "4", "6"),
    `SELECT * FROM ${text} WHERE ${key} = ${literal(`${name}1`)};`,
    `SELECT * FROM ${text} WHERE lower(${key}) = ${literal(name)};`,
    `SELECT * FROM ${text} WHERE ${key} = $1 AND n = (SELECT 1);`,
    `CREATE TABLE ${number} (k int) PARTITION BY RANGE (k);`,
    `CREATE TABLE ${table("i1")} PARTITION OF ${number} FOR VALUES FROM (0) TO (10);`,
    `CREATE TABLE ${table("i2")} PARTITION OF ${number} FOR VALUES FROM (20) TO (30);`,
    `CREATE TABLE ${text} (a int);`,
    `ALTER TABLE ${table("missing")} ADD COLUMN ${key} int;`,
    `CREATE TABLE ${table("u")} (a int, b int, CONSTRAINT ${key} UNIQUE (a)) PARTITION BY RANGE (b);`,
    "",
  ].join("\n");
}

/** All of them, each in tables of its own. */
export const hostileScript = hostileNames.map(scriptOf).join("\n");

const controls = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
/** What we put there ourselves, and what scripts are written with. */
const ours = new Set(["\u200b", "\u200c", "\u200d"]);

/** What is wrong with a text as one line; null where nothing is. */
export function wrongInLine(text: string): string | null {
  const control = (text.match(controls) ?? []).find((character) => !ours.has(character));
  return control === undefined ? null : `U+${control.charCodeAt(0).toString(16)} in ${JSON.stringify(text)}`;
}

/** The same of a title, where icons would be drawn; `icons` are our own. */
export function wrongInTitle(text: string, icons: readonly string[] = []): string | null {
  const drawn = [...text.matchAll(/\$\(([a-z][a-z0-9-]*(?:~[a-z]+)?)\)/gi)].map(([, icon = ""]) => icon);
  const foreign = drawn.find((icon) => !icons.includes(icon));
  return foreign === undefined ? wrongInLine(text) : `$(${foreign}) in ${JSON.stringify(text)}`;
}

/** The same of a notification, where `[text](target)` would be a link. */
export function wrongInNotification(text: string): string | null {
  return /\[[^\]]*\]\(/.test(text) ? `a link in ${JSON.stringify(text)}` : wrongInTitle(text);
}
