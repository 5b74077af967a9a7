/** The abbreviations that PostgreSQL 18 prints for time zones under other styles than ISO: EST and EDT, IST, UTC. */

import { printOffset } from "./datetime.ts";
import { nameOfOffset } from "./time-zone.ts";

/**
 * The abbreviation of a TimeZone setting where its clocks are so many seconds east of Greenwich: that of the zone, else the
 * offset itself, as zones without letters have it. null where it cannot be told.
 */
export function abbreviationOf(setting: string, offset: number): string | null {
  const text = setting.trim();
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) return posixName(nameOfOffset(Math.round(Number(text) * 3600)));
  const posix = posixName(text);
  if (posix !== null) return posix;
  const known = zones().get(text.toLowerCase());
  if (known === undefined) return /^[a-z]+\/\w/i.test(text) ? printOffset(offset).replace(":", "") : null;
  return known.find(({ minutes }) => minutes * 60 === offset)?.abbreviation ?? null;
}

/** The name in `<+03>-3` or `XYZ+3`. */
function posixName(text: string): string | null {
  const match = /^(?:([A-Za-z]{3,})|<([A-Za-z0-9+:-]+)>)[+-]?\d/.exec(text);
  return match === null || /^(?:gmt|utc)[+-]?0$/i.test(text) ? null : (match[1]?.toUpperCase() ?? match[2] ?? null);
}

interface Abbreviation {
  readonly abbreviation: string;
  readonly minutes: number;
}

let parsed: ReadonlyMap<string, readonly Abbreviation[]> | null = null;

function zones(): ReadonlyMap<string, readonly Abbreviation[]> {
  if (parsed !== null) return parsed;
  const found = new Map<string, readonly Abbreviation[]>();
  for (const line of table.split("\n")) {
    const [heads = "", names = ""] = line.split(": ");
    const abbreviations = heads.split(" ").map((head): Abbreviation => {
      const [, abbreviation = "", minutes = ""] = /^([A-Za-z]+)(-?\d+)$/.exec(head) ?? [];
      return { abbreviation, minutes: Number(minutes) };
    });
    for (const name of names.split(" ")) found.set(name.toLowerCase(), abbreviations);
  }
  parsed = found;
  return found;
}

/** Abbreviations with their minutes east, then the zones that have them in 2024, from `pg_timezone_names`. */
const table = `\
ACDT630 ACST570: Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna
ACST570: Australia/Darwin Australia/North
AEDT660 AEST600: Antarctica/Macquarie Australia/ACT Australia/Canberra Australia/Currie Australia/Hobart Australia/Melbourne Australia/NSW Australia/Sydney Australia/Tasmania Australia/Victoria
AEST600: Australia/Brisbane Australia/Lindeman Australia/Queensland
AKST-540 AKDT-480: America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka America/Yakutat US/Alaska
AST-240 ADT-180: America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton America/Thule Atlantic/Bermuda Canada/Atlantic
AST-240: America/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon America/Curacao America/Dominica America/Grenada America/Guadeloupe America/Kralendijk America/Lower_Princes America/Marigot America/Martinique America/Montserrat America/Port_of_Spain America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Tortola America/Virgin
AWST480: Australia/Perth Australia/West
CAT120: Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Juba Africa/Khartoum Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Maputo Africa/Windhoek
CET60 CEST120: Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen CET Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich MET Poland
CET60: Africa/Algiers Africa/Tunis
CST-300 CDT-240: America/Havana Cuba
CST-360 CDT-300: America/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN America/Matamoros America/Menominee America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga America/Rainy_River America/Rankin_Inlet America/Resolute America/Winnipeg CST6CDT Canada/Central US/Central US/Indiana-Starke
CST-360: America/Bahia_Banderas America/Belize America/Chihuahua America/Costa_Rica America/El_Salvador America/Guatemala America/Managua America/Merida America/Mexico_City America/Monterrey America/Regina America/Swift_Current America/Tegucigalpa Canada/Saskatchewan Mexico/General
CST480: Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai Asia/Taipei PRC ROC
ChST600: Pacific/Guam Pacific/Saipan
EAT180: Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Antananarivo Indian/Comoro Indian/Mayotte
EET120 EEST180: Africa/Cairo Asia/Beirut Asia/Famagusta Asia/Gaza Asia/Hebron Asia/Nicosia EET Egypt Europe/Athens Europe/Bucharest Europe/Chisinau Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye
EET120: Africa/Tripoli Europe/Kaliningrad Libya
EST-300 EDT-240: America/Detroit America/Fort_Wayne America/Grand_Turk America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville America/Montreal America/Nassau America/New_York America/Nipigon America/Pangnirtung America/Port-au-Prince America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT US/East-Indiana US/Eastern US/Michigan
EST-300: America/Atikokan America/Cancun America/Cayman America/Coral_Harbour America/Jamaica America/Panama EST Jamaica
GMT0 BST60: Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire
GMT0 IST60: Eire Europe/Dublin
GMT0: Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland
HKT480: Asia/Hong_Kong Hongkong
HST-600 HDT-540: America/Adak America/Atka US/Aleutian
HST-600: HST Pacific/Honolulu Pacific/Johnston US/Hawaii
IST120 IDT180: Asia/Jerusalem Asia/Tel_Aviv Israel
IST330: Asia/Calcutta Asia/Kolkata
JST540: Asia/Tokyo Japan
KST540: Asia/Pyongyang Asia/Seoul ROK
MSK180: Europe/Kirov Europe/Moscow Europe/Simferopol Europe/Volgograd W-SU
MST-420 MDT-360: America/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Denver America/Edmonton America/Inuvik America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Navajo US/Mountain
MST-420: America/Creston America/Dawson America/Dawson_Creek America/Fort_Nelson America/Hermosillo America/Mazatlan America/Phoenix America/Whitehorse Canada/Yukon MST Mexico/BajaSur US/Arizona
NST-210 NDT-150: America/St_Johns Canada/Newfoundland
NZDT780 NZST720: Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland
PKT300: Asia/Karachi
PST-480 PDT-420: America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific
PST480: Asia/Manila
SAST120: Africa/Johannesburg Africa/Maseru Africa/Mbabane
SST-660: Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa
UTC0: Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu
WAT60: Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo
WET0 WEST60: Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Lisbon Portugal WET
WIB420: Asia/Jakarta Asia/Pontianak
WIT540: Asia/Jayapura
WITA480: Asia/Makassar Asia/Ujung_Pandang`;
