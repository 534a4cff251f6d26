/** Month names of English, German, French, Spanish, Italian and Portuguese, without accents. */
const months: readonly string[][] = [
  ['january', 'januar', 'janner', 'janvier', 'enero', 'gennaio', 'janeiro'],
  ['february', 'februar', 'feber', 'fevrier', 'febrero', 'febbraio', 'fevereiro'],
  ['march', 'marz', 'maerz', 'mars', 'marzo', 'marco', 'mrz'],
  ['april', 'avril', 'abril', 'aprile'],
  ['may', 'mai', 'mayo', 'maggio', 'maio'],
  ['june', 'juni', 'juin', 'junio', 'giugno', 'junho'],
  ['july', 'juli', 'juillet', 'julio', 'luglio', 'julho'],
  ['august', 'aout', 'agosto'],
  ['september', 'septembre', 'septiembre', 'setiembre', 'settembre', 'setembro'],
  ['october', 'oktober', 'octobre', 'octubre', 'ottobre', 'outubro'],
  ['november', 'novembre', 'noviembre', 'novembro'],
  ['december', 'dezember', 'decembre', 'diciembre', 'dicembre', 'dezembro'],
]

/** Zones by name in minutes: those of RFC 822 and the European ones; any other name counts as UTC. */
const zones: Record<string, number> = {
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  wet: 0,
  west: 60,
  bst: 60,
  cet: 60,
  mez: 60,
  cest: 120,
  mesz: 120,
  eet: 120,
  eest: 180,
}

const maximumLength = 100
const maximumWords = 12
/** A number, also as an ordinal: 1st, 1er, 1o. */
const numeral = /^(\d{1,4})(?:st|nd|rd|th|er|o|a)?$/
const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t\s]+(.+))?$/
const compact = /^(\d{4})(\d{2})(\d{2})(?:t(\d{2})(\d{2})(\d{2})?z?)?$/
const yearFirst = /^(\d{4})\/(\d{1,2})\/(\d{1,2})(?:\s+(.+))?$/
const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:[,\s]+(.+))?$/
const clock = /\b(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?m\b)?/
const offset = /([+-])(\d{2}):?(\d{2})\s*(?:\(|$)/

/**
 * The moment that a date of a feed or a page names, or undefined. Read are RFC 3339 and its common variants, the three
 * forms of RFC 9110 §5.6.7, RFC 822 with all its liberties, and dates with a month's name in six languages. Without a
 * zone it is UTC. Days and months as bare numbers with slashes are not guessed.
 */
export function parseDate(text: string): Date | undefined {
  if (text.length > maximumLength) return undefined
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim()
  const packed = compact.exec(plain)
  if (packed) {
    const [, year, month, day, hour = '0', minute = '0', second = '0'] = packed.map((part) => part ?? '0')
    return moment(Number(year), Number(month), Number(day), `${hour}:${minute}:${second}`)
  }
  const leading = iso.exec(plain) ?? yearFirst.exec(plain)
  if (leading) return moment(Number(leading[1]), Number(leading[2]), Number(leading[3]), leading[4])
  const german = dotted.exec(plain)
  if (german) return moment(Number(german[3]), Number(german[2]), Number(german[1]), german[4])
  return withMonthName(plain)
}

function withMonthName(plain: string): Date | undefined {
  const time = clock.exec(plain)
  const calendar = time ? `${plain.slice(0, time.index)} ${plain.slice(time.index + time[0].length)}` : plain
  const words = calendar.replace(offset, ' ').match(/[a-z0-9]+/g) ?? []
  if (words.length > maximumWords) return undefined
  // The last one that can be a month: "mar. 4 mars" is a Tuesday in March.
  const month = words.map(monthOf).findLast((number) => number > 0)
  const numbers = words.flatMap((word) => numeral.exec(word)?.[1] ?? [])
  const year = numbers.find((word) => word.length === 4) ?? numbers[1]
  const day = numbers.find((word) => word !== year && word.length <= 2)
  if (!month || !year || !day || year.length === 3 || year.length > 4) return undefined
  return moment(fullYear(year), month, Number(day), plain.slice(time?.index ?? plain.length))
}

/** RFC 2822 §4.3: two digits below 50 are of this century. */
function fullYear(year: string): number {
  if (year.length === 4) return Number(year)
  return Number(year) + (Number(year) < 50 ? 2000 : 1900)
}

function monthOf(word: string): number {
  if (!/^[a-z]{3,}$/.test(word)) return 0
  return months.findIndex((names) => names.some((name) => name.startsWith(word))) + 1
}

function moment(year: number, month: number, day: number, rest = ''): Date | undefined {
  const time = clock.exec(rest)
  const [hour, minute, second] = [time?.[1], time?.[2], time?.[3]].map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ]
  const hour24 = time?.[4] ? (hour % 12) + (time[4].startsWith('p') ? 12 : 0) : hour
  const midnight = new Date(Date.UTC(year, month - 1, day))
  const exists = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day
  if (!exists || hour24 > 24 || minute > 59 || second > 60) return undefined
  const date = new Date(midnight.getTime() + ((hour24 * 60 + minute - zoneMinutes(rest)) * 60 + second) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function zoneMinutes(rest: string): number {
  const shift = offset.exec(rest)
  if (shift) return (shift[1] === '-' ? -1 : 1) * (Number(shift[2]) * 60 + Number(shift[3]))
  const names = rest.match(/[a-z]{3,4}/g) ?? []
  return zones[names.find((name) => Object.hasOwn(zones, name)) ?? ''] ?? 0
}
