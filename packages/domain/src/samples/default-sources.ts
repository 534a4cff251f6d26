export interface DefaultSource {
  url: string
  title: string
  category: string
}

/** Public feeds that a new installation starts with. None needs an account; any of them may move or end. */
export const defaultSources: readonly DefaultSource[] = [
  { url: 'https://thedfirreport.com/feed/', title: 'The DFIR Report', category: 'Incidents' },
  { url: 'https://www.huntress.com/blog/rss.xml', title: 'Huntress', category: 'Incidents' },
  { url: 'https://isc.sans.edu/rssfeed.xml', title: 'SANS Internet Storm Center', category: 'Incidents' },
  {
    url: 'https://www.malware-traffic-analysis.net/blog-entries.rss',
    title: 'Malware-Traffic-Analysis',
    category: 'Incidents',
  },
  { url: 'https://blog.talosintelligence.com/rss/', title: 'Cisco Talos', category: 'Research' },
  { url: 'https://unit42.paloaltonetworks.com/feed/', title: 'Unit 42', category: 'Research' },
  {
    url: 'https://feeds.feedburner.com/threatintelligence/pvexyqv7v0v',
    title: 'Google Threat Intelligence',
    category: 'Research',
  },
  { url: 'https://www.microsoft.com/en-us/security/blog/feed/', title: 'Microsoft Security', category: 'Research' },
  { url: 'https://securelist.com/feed/', title: 'Securelist', category: 'Research' },
  { url: 'https://www.welivesecurity.com/en/rss/feed/', title: 'ESET WeLiveSecurity', category: 'Research' },
  { url: 'https://www.sentinelone.com/labs/feed/', title: 'SentinelLABS', category: 'Research' },
  { url: 'https://www.elastic.co/security-labs/rss/feed.xml', title: 'Elastic Security Labs', category: 'Research' },
  { url: 'https://research.checkpoint.com/feed/', title: 'Check Point Research', category: 'Research' },
  { url: 'https://blog.sekoia.io/category/threat-research/feed/', title: 'Sekoia', category: 'Research' },
  {
    url: 'https://googleprojectzero.blogspot.com/feeds/posts/default',
    title: 'Project Zero',
    category: 'Vulnerabilities',
  },
  { url: 'https://kb.cert.org/vulfeed', title: 'CERT/CC Vulnerability Notes', category: 'Vulnerabilities' },
  { url: 'https://www.cisa.gov/cybersecurity-advisories/all.xml', title: 'CISA Advisories', category: 'Advisories' },
  { url: 'https://blogs.jpcert.or.jp/en/atom.xml', title: 'JPCERT/CC Eyes', category: 'Advisories' },
  { url: 'https://www.jpcert.or.jp/english/rss/jpcert-en.rdf', title: 'JPCERT/CC Alerts', category: 'Advisories' },
  { url: 'https://cert.at/cert-at.en.blog.rss_2.0.xml', title: 'CERT.at', category: 'Advisories' },
  { url: 'https://krebsonsecurity.com/feed/', title: 'Krebs on Security', category: 'News' },
  { url: 'https://www.bleepingcomputer.com/feed/', title: 'BleepingComputer', category: 'News' },
  { url: 'https://www.schneier.com/feed/atom/', title: 'Schneier on Security', category: 'News' },
]
