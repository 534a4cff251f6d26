/** A text in a stack that should not be one. The text itself is not repeated. */
interface Finding {
  path: string
  what: string
}

// Forms of credentials: AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids), GitHub, Slack, PEM, JWT.
const credentials: [RegExp, string][] = [
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/, 'an access key of AWS'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}/, 'a token of GitHub'],
  [/\bxox[abeprs]-[A-Za-z0-9-]{10,}/, 'a token of Slack'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/, 'a JSON Web Token'],
  [/:\/\/[^\s/:@$]+:[^\s/@$]+@/, 'a password in an address'],
]
const accountInArn = /arn:aws[\w-]*:[a-z0-9-]*:[a-z0-9-]*:\d{12}:/
const ipv4 = /(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.])/g
/** Arguments that hold a secret, unless they hold where one is. */
const secretName = /(^|_)(password|secret|secret_string|auth_token|private_key|token)(_wo)?$/i

/** Finds what nobody may write into a stack: credentials, account numbers, addresses in the internet, passwords in clear. */
export function findSecrets(value: unknown, path = ''): Finding[] {
  if (typeof value === 'string') return inText(value, path)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => {
    const place = path === '' ? name : `${path}.${name}`
    const inClear = secretName.test(name) && typeof each === 'string' && each !== '' && !each.includes('${')
    return [...(inClear ? [{ path: place, what: 'a secret in clear' }] : []), ...findSecrets(each, place)]
  })
}

function inText(text: string, path: string): Finding[] {
  // Policies and container definitions are JSON inside a text.
  const inner: unknown = /^[[{]/.test(text) ? parse(text) : undefined
  if (inner !== undefined) return findSecrets(inner, path)
  const found = credentials.filter(([pattern]) => pattern.test(text)).map(([, what]) => what)
  if (accountInArn.test(text)) found.push('an account number in an ARN')
  if ([...text.matchAll(ipv4)].some((match) => isPublic(match.slice(1).map(Number)))) found.push('a public address')
  if (text.split(/[^A-Za-z0-9+/=_-]+/).some(looksRandom)) found.push('a text that looks like a key')
  return found.map((what) => ({ path, what }))
}

/** RFC 1918, loopback, link-local, this network and the whole internet as 0.0.0.0 are nobody's address. */
function isPublic([a = 0, b = 0, c = 0, d = 0]: number[]): boolean {
  if (a > 255 || b > 255 || c > 255 || d > 255) return false
  return !(
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168)
  )
}

/** 40 characters or more, small and capital letters and digits well mixed. A digest in hexadecimal has no capital letters. */
function looksRandom(word: string): boolean {
  if (word.length < 40 || !/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/\d/.test(word)) return false
  const runs = word.match(/[a-z]+|[A-Z]+|[^a-zA-Z]+/g) ?? []
  return runs.length > word.length / 3
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
