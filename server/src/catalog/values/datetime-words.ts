/** The words of dates and times: months, weekdays, markers, units, and abbreviations of time zones. */

/** What a word in a date, a time or a timestamp stands for. */
export type DateWord =
  | { readonly kind: "month"; readonly month: number }
  | { readonly kind: "weekday" }
  | { readonly kind: "era"; readonly beforeChrist: boolean }
  | { readonly kind: "half-day"; readonly afternoon: boolean }
  | { readonly kind: "ignored" }
  | { readonly kind: "daylight-modifier" }
  | { readonly kind: "time-marker" }
  | { readonly kind: "julian" }
  /** `y`, `m`, `d`, `h`, `mm`, `s`: labels of fields, which versions before 16 read. */
  | { readonly kind: "label" }
  | { readonly kind: "zero-time" }
  | { readonly kind: "special"; readonly name: "epoch" | "infinity" | "-infinity" }
  | { readonly kind: "clock"; readonly name: "now" | "today" | "tomorrow" | "yesterday" }
  /** A zone abbreviation with a fixed meaning, in seconds east. */
  | { readonly kind: "zone"; readonly offset: number }
  /** An abbreviation whose meaning depends on the date or on the server's tables. */
  | { readonly kind: "unsure-zone" };

/** The meaning of a word in lower case; null for words that are none, which may still be the name of a zone. */
export function dateWord(word: string): DateWord | null {
  return words.get(word) ?? null;
}

/** Whether a word belongs to dates themselves: a digit or `+` after it does not make it a zone's name. */
export function isPlainDateWord(word: string): boolean {
  const known = words.get(word);
  return known !== undefined && known.kind !== "zone" && known.kind !== "unsure-zone";
}

const months = "january february march april may june july august september october november december".split(" ");
const weekdays =
  "sunday sun monday mon tuesday tue tues wednesday wed weds thursday thu thur thurs friday fri saturday sat";

/** `name=minutes`: those of PostgreSQL's default set whose meaning has not changed between versions. */
const zoneAbbreviations =
  "gmt=0 uct=0 ut=0 utc=0 z=0 zulu=0 wet=0 wetdst=60 bst=60 cet=60 cest=120 cetdst=120 met=60 mest=120 mesz=120 mez=60 " +
  "metdst=120 eet=120 eest=180 eetdst=180 msd=240 est=-300 edt=-240 cst=-360 cdt=-300 mst=-420 mdt=-360 pst=-480 " +
  "pdt=-420 akst=-540 akdt=-480 hst=-600 ast=-240 adt=-180 nst=-210 ndt=-150 brt=-180 brst=-120 idt=180 ist=120 " +
  "jst=540 kst=540 hkt=480 ict=420 pkt=300 sast=120 eat=180 wat=60 aest=600 aedt=660 acst=570 acdt=630 awst=480 " +
  "nzst=720 nzdt=780 nzt=720";
const unsureAbbreviations =
  "act art arst bot bra clst clt cot egst egt fnt fnst gft gyt nft pet pmdt pmst pyst pyt uyst uyt vet wgst wgt davt ddut " +
  "mawt aft almt almst amst amt anast anat azst azt bdt bnt bort btt cct gest get irkst irkt irt jayt kdt kgst kgt krast " +
  "krat lkt magst magt mmt myt novst novt npt omsst omst petst pett pht pkst sgt tjt tmt ulast ulat uzst uzt vlast vlat " +
  "xjt yakst yakt yekst yekt azost azot fkst fkt acsst acwst aesst awsst cadt cast lhdt lhst ligt sadt wadt wast wdt bdst " +
  "fet msk volt cxt iot mut must mvt ret sct tft chadt chast chut ckt easst east fjst fjt galt gamt gilt kost lint mart mht " +
  "mpt nut pgt pont pwt taht tkt tot trut tvt vut wakt wft yapt";

const words: ReadonlyMap<string, DateWord> = new Map<string, DateWord>([
  ...unsureAbbreviations.split(" ").map((word) => [word, { kind: "unsure-zone" }] as const),
  ...zoneAbbreviations.split(" ").map((entry) => {
    const [word = "", minutes] = entry.split("=");
    return [word, { kind: "zone", offset: Number(minutes) * 60 }] as const;
  }),
  ...months.flatMap((name, index) =>
    [name, name.slice(0, 3), ...(name === "september" ? ["sept"] : [])].map(
      (word) => [word, { kind: "month", month: index + 1 }] as const,
    ),
  ),
  ...weekdays.split(" ").map((word) => [word, { kind: "weekday" }] as const),
  ["ad", { kind: "era", beforeChrist: false }],
  ["bc", { kind: "era", beforeChrist: true }],
  ["am", { kind: "half-day", afternoon: false }],
  ["pm", { kind: "half-day", afternoon: true }],
  ["at", { kind: "ignored" }],
  ["on", { kind: "ignored" }],
  ["dst", { kind: "daylight-modifier" }],
  ["t", { kind: "time-marker" }],
  ["j", { kind: "julian" }],
  ["jd", { kind: "julian" }],
  ["julian", { kind: "julian" }],
  ...["y", "m", "d", "h", "mm", "s", "dow", "doy", "isodow", "isoyear"].map(
    (word) => [word, { kind: "label" }] as const,
  ),
  ["allballs", { kind: "zero-time" }],
  ["epoch", { kind: "special", name: "epoch" }],
  ["infinity", { kind: "special", name: "infinity" }],
  ["+infinity", { kind: "special", name: "infinity" }],
  ["-infinity", { kind: "special", name: "-infinity" }],
  ["now", { kind: "clock", name: "now" }],
  ["today", { kind: "clock", name: "today" }],
  ["tomorrow", { kind: "clock", name: "tomorrow" }],
  ["yesterday", { kind: "clock", name: "yesterday" }],
]);
