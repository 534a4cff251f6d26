const trackers = new Set([
  'fbclid',
  'gclid',
  'dclid',
  'gbraid',
  'wbraid',
  'msclkid',
  'yclid',
  'twclid',
  'ttclid',
  'igshid',
  'li_fat_id',
  'mc_cid',
  'mc_eid',
  'mkt_tok',
  '_hsenc',
  '_hsmi',
  '__hssc',
  '__hstc',
  '__hsfp',
  'hsctatracking',
  'vero_id',
  'oly_anon_id',
  'oly_enc_id',
  'rb_clickid',
  's_cid',
  '_openstat',
  'wickedid',
  'ns_mchannel',
  'ns_campaign',
  '_ga',
  '_gl',
  'cmpid',
  'trk',
])

const isTracker = (name: string) => /^(utm|pk|piwik|mtm|matomo)_/.test(name) || trackers.has(name)

/**
 * The address by which two links are known to be the same page: host in lower case, no default port, no fragment, no
 * tracking parameters; the others stay as written and in order. http and https stay apart. Throws TypeError when the
 * text is no absolute address.
 */
export function canonicalUrl(url: string): string {
  const parsed = new URL(url.trim())
  parsed.hash = ''
  const kept = parsed.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !isTracker(parameterName(pair)))
  parsed.search = kept.join('&')
  return parsed.href
}

/** The absolute http(s) address that `link` means on the page `base`, or undefined. */
export function resolveUrl(link: string | undefined, base: string | undefined): string | undefined {
  const text = link?.trim()
  if (!text || text.length > 4096) return undefined
  const url = URL.parse(text, base)
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : undefined
}

function parameterName(pair: string): string {
  const name = pair.split('=', 1)[0] ?? ''
  try {
    return decodeURIComponent(name).toLowerCase()
  } catch {
    return name.toLowerCase()
  }
}
