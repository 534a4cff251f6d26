import { expect, test } from 'vitest'
import { FeedError } from './feed-guard.ts'
import { parseFeed, type Feed } from './parse-feed.ts'

const url = 'https://vendor.example/blog/feed.xml'
const now = '2026-11-21T00:00:00Z'
const read = (text: string, at = url): Feed => parseFeed({ text, url: at, now })
const first = (text: string) => read(text).entries[0]
const rss = (items: string, channel = '', root = '') =>
  `<?xml version="1.0"?><rss version="2.0" ${root}><channel><title>T</title><link>https://vendor.example/</link>${channel}${items}</channel></rss>`
const atom = (entries: string, root = 'xmlns="http://www.w3.org/2005/Atom"') =>
  `<?xml version="1.0"?><feed ${root}><title>T</title>${entries}</feed>`

test('reads the sample of the RSS 2.0 specification', () => {
  // rssboard.org/files/sample-rss-2.xml, shortened
  const feed =
    read(`<?xml version="1.0"?><rss version="2.0"><channel><title>Liftoff News</title><link>http://liftoff.msfc.nasa.gov/</link>
    <description>Liftoff to Space Exploration.</description><ttl>60</ttl>
    <item><title>Star City</title><link>http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp</link>
    <description>How do Americans get ready to work with Russians aboard the International Space Station? They take a crash course in culture at Russia's &lt;a href="http://howe.iki.rssi.ru/GCTC/gctc_e.htm"&gt;Star City&lt;/a&gt;.</description>
    <pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate><guid>http://liftoff.msfc.nasa.gov/2003/06/03.html#item573</guid></item>
    <item><description>Sky watchers in Europe, Asia, and parts of Alaska will experience a partial eclipse of the Sun on Saturday.</description>
    <pubDate>Fri, 30 May 2003 11:06:42 GMT</pubDate><guid>http://liftoff.msfc.nasa.gov/2003/05/30.html#item572</guid></item></channel></rss>`)
  expect(feed).toMatchObject({
    format: 'rss',
    title: 'Liftoff News',
    siteUrl: 'http://liftoff.msfc.nasa.gov/',
    ttlS: 3600,
  })
  expect(feed.entries).toMatchObject([
    {
      key: 'http://liftoff.msfc.nasa.gov/2003/06/03.html#item573',
      url: 'http://liftoff.msfc.nasa.gov/news/2003/news-starcity.asp',
      title: 'Star City',
      publishedAt: '2003-06-03T09:39:21.000Z',
      html: expect.stringContaining('<a href="http://howe.iki.rssi.ru/GCTC/gctc_e.htm">Star City</a>.'),
    },
    {
      url: 'http://liftoff.msfc.nasa.gov/2003/05/30.html#item572',
      title: expect.stringMatching(/^Sky watchers in Europe, Asia, and parts of Alaska.*…$/),
    },
  ])
})

test('reads the extended example of RFC 4287 §1.1', () => {
  const feed =
    read(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title type="text">dive into mark</title>
    <subtitle type="html">A &lt;em&gt;lot&lt;/em&gt; of effort went into making this effortless</subtitle><updated>2005-07-31T12:29:29Z</updated>
    <id>tag:example.org,2003:3</id><link rel="alternate" type="text/html" hreflang="en" href="http://example.org/"/>
    <link rel="self" type="application/atom+xml" href="http://example.org/feed.atom"/>
    <entry><title>Atom draft-07 snapshot</title><link rel="alternate" type="text/html" href="http://example.org/2005/04/02/atom"/>
    <link rel="enclosure" type="audio/mpeg" length="1337" href="http://example.org/audio/ph34r_my_podcast.mp3"/>
    <id>tag:example.org,2003:3.2397</id><updated>2005-07-31T12:29:29Z</updated><published>2003-12-13T08:29:29-04:00</published>
    <author><name>Mark Pilgrim</name><uri>http://example.org/</uri><email>f8dy@example.com</email></author>
    <content type="xhtml" xml:lang="en" xml:base="http://diveintomark.org/"><div xmlns="http://www.w3.org/1999/xhtml"><p><i>[Update: The Atom draft is finished.]</i></p></div></content></entry></feed>`)
  expect(feed).toMatchObject({ format: 'atom', title: 'dive into mark', siteUrl: 'http://example.org/' })
  expect(feed.entries).toEqual([
    {
      key: 'tag:example.org,2003:3.2397',
      url: 'http://example.org/2005/04/02/atom',
      title: 'Atom draft-07 snapshot',
      author: 'Mark Pilgrim',
      publishedAt: '2003-12-13T12:29:29.000Z',
      updatedAt: '2005-07-31T12:29:29.000Z',
      html: '<div><p><i>[Update: The Atom draft is finished.]</i></p></div>',
      baseUrl: 'http://diveintomark.org/',
    },
  ])
})

test('reads the simple example of JSON Feed 1.1', () => {
  const feed =
    read(`{"version": "https://jsonfeed.org/version/1.1","title": "My Example Feed","home_page_url": "https://example.org/","feed_url": "https://example.org/feed.json",
    "items": [{"id": "2","content_text": "This is a second item.","url": "https://example.org/second-item"},
    {"id": "1","content_html": "<p>Hello, world!</p>","url": "https://example.org/initial-post"}]}`)
  expect(feed).toMatchObject({
    format: 'json',
    title: 'My Example Feed',
    siteUrl: 'https://example.org/',
    entries: [
      {
        key: '2',
        url: 'https://example.org/second-item',
        title: 'This is a second item.',
        html: '<p>This is a second item.</p>',
      },
      { key: '1', url: 'https://example.org/initial-post', title: 'Hello, world!', html: '<p>Hello, world!</p>' },
    ],
  })
})

test('reads JSON Feed 1.0 with its single author', () => {
  const text =
    '{"version":"https://jsonfeed.org/version/1","title":"t","items":[{"id":7,"title":"a","author":{"name":"Ann"},"date_published":"2025-10-06T10:00:00Z","tags":["apt"]}]}'
  expect(first(text)).toMatchObject({
    key: '7',
    author: 'Ann',
    publishedAt: '2025-10-06T10:00:00.000Z',
    categories: ['apt'],
  })
})

test('reads RSS 1.0 with dc:date', () => {
  // web.resource.org/rss/1.0/spec, shortened
  const feed =
    read(`<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
    <channel rdf:about="http://www.xml.com/xml/news.rss"><title>XML.com</title><link>http://xml.com/pub</link><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
    <items><rdf:Seq><rdf:li resource="http://xml.com/pub/2000/08/09/xslt/xslt.html"/></rdf:Seq></items></channel>
    <item rdf:about="http://xml.com/pub/2000/08/09/xslt/xslt.html"><title>Processing Inclusions with XSLT</title><link> http://xml.com/pub/2000/08/09/xslt/xslt.html </link><dc:date>2000-08-09T10:00+00:00</dc:date><dc:creator>Ann</dc:creator></item></rdf:RDF>`)
  expect(feed).toMatchObject({ format: 'rdf', title: 'XML.com', siteUrl: 'http://xml.com/pub', ttlS: 1800 })
  expect(feed.entries).toEqual([
    expect.objectContaining({
      key: 'http://xml.com/pub/2000/08/09/xslt/xslt.html',
      url: 'http://xml.com/pub/2000/08/09/xslt/xslt.html',
      title: 'Processing Inclusions with XSLT',
      author: 'Ann',
      publishedAt: '2000-08-09T10:00:00.000Z',
    }),
  ])
})

// RFC 4287 §3.1.1: one title in three forms.
test.each([
  ['<title type="text">Less: &lt;</title>', 'Less: <'],
  ['<title type="html">Less: &lt;em> &amp;lt; &lt;/em></title>', 'Less: <'],
  [
    '<title type="xhtml" xmlns:xhtml="http://www.w3.org/1999/xhtml"><xhtml:div>Less: <xhtml:em> &lt; </xhtml:em></xhtml:div></title>',
    'Less: <',
  ],
])('title %s', (title, plain) => {
  expect(first(atom(`<entry><id>1</id>${title}</entry>`))?.title).toBe(plain)
})

test.each([
  [
    'naked ampersand',
    rss('<item><title>AT&T and R&D</title><link>https://vendor.example/a?x=1&y=2</link></item>'),
    { title: 'AT&T and R&D', url: 'https://vendor.example/a?x=1&y=2' },
  ],
  ['HTML entities', rss('<item><title>It&rsquo;s &eacute;t&eacute;</title></item>'), { title: 'It’s été' }],
  ['double-encoded entities', rss('<item><title>It&amp;amp;#8217;s</title></item>'), { title: 'It’s' }],
  ['tags in a title', rss('<item><title><![CDATA[A <b>bold</b> claim]]></title></item>'), { title: 'A bold claim' }],
  ['control and bidi characters', rss('<item><title>a\u0008b \u202egnp.exe</title></item>'), { title: 'ab gnp.exe' }],
  ['leading white space and mark', `\ufeff \n ${rss('<item><title>a</title></item>')}`, { title: 'a' }],
  [
    'a warning before the prolog',
    `Warning: deprecated in x.php\n${rss('<item><title>a</title></item>')}`,
    { title: 'a' },
  ],
  [
    'undeclared prefixes',
    rss('<item><title>a</title><dc:date>2025-10-06</dc:date><content:encoded>&lt;p&gt;b</content:encoded></item>'),
    { publishedAt: '2025-10-06T00:00:00.000Z', html: '<p>b' },
  ],
  [
    'a prefix bound elsewhere',
    rss('<item><title>a</title><dc:date>2025-10-06</dc:date></item>', '', 'xmlns:dc="https://other.example/ns"'),
    { title: 'a', key: expect.stringMatching(/^sha256:/) },
  ],
  [
    'an unusual prefix',
    rss('<item><title>a</title><d:creator>Ann</d:creator></item>', '', 'xmlns:d="http://purl.org/dc/elements/1.1/"'),
    { author: 'Ann' },
  ],
  [
    'link in CDATA with blanks',
    rss('<item><title>a</title><link><![CDATA[\n https://vendor.example/a \n]]></link></item>'),
    { url: 'https://vendor.example/a' },
  ],
  [
    'address with blanks',
    rss('<item><title>a</title><link>https://vendor.example/a b</link></item>'),
    { url: 'https://vendor.example/a%20b' },
  ],
  ['relative link', rss('<item><title>a</title><link>/a</link></item>'), { url: 'https://vendor.example/a' }],
  [
    'relative link under xml:base',
    atom(
      '<entry xml:base="2025/"><id>1</id><link href="a"/></entry>',
      'xmlns="http://www.w3.org/2005/Atom" xml:base="https://o.example/x/"',
    ),
    { url: 'https://o.example/x/2025/a' },
  ],
  [
    'guid permalink and no link',
    rss('<item><title>a</title><guid>https://vendor.example/a</guid></item>'),
    { url: 'https://vendor.example/a' },
  ],
  [
    'FeedBurner',
    rss(
      '<item><title>a</title><link>https://feeds.example/~r/a</link><feedburner:origLink>https://vendor.example/a</feedburner:origLink></item>',
      '',
      'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"',
    ),
    { url: 'https://vendor.example/a' },
  ],
  [
    'enclosure before the page',
    atom(
      '<entry><id>1</id><link rel="enclosure" href="https://o.example/e.pdf"/><link rel="alternate" href="https://o.example/a"/></entry>',
    ),
    { url: 'https://o.example/a' },
  ],
  [
    'many links',
    atom(
      '<entry><id>1</id><link rel="replies" href="https://o.example/r"/><link rel="alternate" type="application/json" href="https://o.example/j"/><link rel="alternate" type="text/html" href="https://o.example/a"/></entry>',
    ),
    { url: 'https://o.example/a' },
  ],
  ['text content', atom('<entry><id>1</id><content>a &lt; b</content></entry>'), { html: '<p>a &lt; b</p>' }],
  [
    'order of xhtml',
    atom(
      '<entry><id>1</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">para <pre>whoami</pre> end</div></content></entry>',
    ),
    { html: '<div>para <pre>whoami</pre> end</div>' },
  ],
  [
    'prefixed Atom',
    atom('', '')
      .replace('<feed ', '<a:feed xmlns:a="http://www.w3.org/2005/Atom"')
      .replace('</feed>', '<a:entry><a:id>1</a:id><a:title>x</a:title></a:entry></a:feed>'),
    { key: '1', title: 'x' },
  ],
  [
    'Atom 0.3',
    atom(
      '<entry><id>1</id><issued>2004-01-02T03:04:05Z</issued><title>x</title></entry>',
      'version="0.3" xmlns="http://purl.org/atom/ns#"',
    ),
    { publishedAt: '2004-01-02T03:04:05.000Z' },
  ],
  [
    'no title',
    rss('<item><link>https://o.example/1</link><description>Just &lt;b&gt;a few&lt;/b&gt; words.</description></item>'),
    { title: 'Just a few words.' },
  ],
  [
    'a title that is only an image',
    rss('<item><title>&lt;img src=x onerror=alert(1)&gt;</title><description>Words</description></item>'),
    { title: 'Words' },
  ],
  [
    'localised date',
    rss('<item><title>a</title><pubDate>Lundi 6 octobre 2025</pubDate></item>'),
    { publishedAt: '2025-10-06T00:00:00.000Z' },
  ],
  [
    'author with an address',
    rss('<item><title>a</title><author>ann@o.example (Ann Author)</author></item>'),
    { author: 'Ann Author' },
  ],
  [
    'CDATA end mark in two sections',
    rss('<item><title>a</title><description><![CDATA[x ]]]]><![CDATA[> y]]></description></item>'),
    { html: 'x ]]> y' },
  ],
  [
    'RSS 0.91 document type',
    `<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><item><title>a</title></item></channel></rss>`,
    { title: 'a' },
  ],
  [
    'a page inside CDATA',
    rss('<item><title>a</title><description><![CDATA[<!DOCTYPE html [<!ENTITY x "y">]><p>b]]></description></item>'),
    { title: 'a' },
  ],
  [
    'reserved names',
    rss('<item><title>a</title><__proto__>x</__proto__><constructor toString="y">z</constructor></item>'),
    { title: 'a' },
  ],
])('reads %s', (_name, text, entry) => {
  expect(first(text)).toMatchObject(entry)
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

test.each([
  ['no date', ''],
  ['1970', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['the future', 'Tue, 24 Nov 2026 00:00:00 GMT'],
  ['nonsense', 'yesterday'],
  ['a date of 1 MB', '9'.repeat(1_000_000)],
])('an entry with %s has none, and says so', (name, date) => {
  const entry = first(rss(`<item><title>a</title><pubDate>${date}</pubDate></item>`))
  expect(entry).not.toHaveProperty('publishedAt')
  expect(entry?.note === undefined).toBe(name === 'no date')
  expect((entry?.note ?? '').length).toBeLessThan(200)
})

test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x'])(
  'drops the link %s and keeps the entry',
  (link) => {
    const entry = first(rss(`<item><title>a</title><link>${link}</link></item>`))
    expect(entry).toMatchObject({ title: 'a', note: expect.stringContaining('no http or https') })
    expect(entry).not.toHaveProperty('url')
  },
)

test('tells entries apart that share a guid', () => {
  const item = (link: string, title = 'a') =>
    `<item><guid isPermaLink="false">7</guid><title>${title}</title><link>https://o.example/${link}</link></item>`
  const keys = (...items: string[]) => read(rss(items.join(''))).entries.map(({ key }) => key)
  expect(keys(item('1'))).toEqual(['7'])
  expect(keys(item('1'), item('1'))).toEqual(['7'])
  expect(keys(item('1'), item('2'))).toEqual(['7 https://o.example/1', '7 https://o.example/2'])
  expect(keys(item('2'), item('1'))).toEqual(['7 https://o.example/2', '7 https://o.example/1'])
  expect(new Set(keys(item('1', 'Spring'), item('1', 'Autumn'))).size).toBe(2)
})

test('the key of an entry without guid and link does not depend on its place', () => {
  const item = (title: string) => `<item><title>${title}</title><pubDate>Mon, 06 Oct 2025 00:00:00 GMT</pubDate></item>`
  expect(first(rss(item('b')))?.key).toBe(read(rss(item('a') + item('b'))).entries[1]?.key)
})

test('of a cut document the complete entries are kept', () => {
  const whole = rss('<item><title>one</title></item><item><title>two</title></item><item><title>three</title></item>')
  const cut = read(whole.slice(0, whole.indexOf('three')))
  expect(cut).toMatchObject({ truncated: true, entries: [{ title: 'one' }, { title: 'two' }] })
  expect(read(whole)).not.toHaveProperty('truncated')
  const json =
    '{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1","tags":["]"],"authors":[{"name":"a"}]},{"id":"2","title":"b'
  expect(read(json)).toMatchObject({ truncated: true, entries: [{ key: '1' }] })
})

test('reads the first 5,000 entries and says how many there were', () => {
  const feed = read(rss(Array.from({ length: 5003 }, (_, i) => `<item><guid>${i}</guid></item>`).join('')))
  expect(feed.entries).toHaveLength(5000)
  expect(feed.entries[4999]?.key).toBe('4999')
  expect(feed.note).toContain('5000 of 5003')
})

const entities = (declarations: string) =>
  `<?xml version="1.0"?><!DOCTYPE rss ${declarations}><rss version="2.0"><channel><title>&a11;</title></channel></rss>`
const nested = Array.from({ length: 12 }, (_, i) => `<!ENTITY a${i} "${i ? `&a${i - 1};`.repeat(10) : 'lol'}">`).join(
  '',
)

test.each([
  ['nothing', '', 'empty'],
  ['white space', ' \n\t', 'empty'],
  ['a challenge page', '<!doctype html><html><body>Please enable JavaScript</body></html>', 'html-page'],
  ['a page without a document type', '<html><body>Please enable JavaScript</body></html>', 'html-page'],
  [
    'a page as XHTML',
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html xmlns="http://www.w3.org/1999/xhtml"/>',
    'html-page',
  ],
  ['nested entities', entities(`[${nested}]`), 'dtd'],
  ['one long entity', entities(`[<!ENTITY a11 "${'x'.repeat(50_000)}">]`), 'dtd'],
  ['an external entity', entities('[<!ENTITY a11 SYSTEM "file:///etc/passwd">]'), 'dtd'],
  ['an external document type', entities('SYSTEM "https://canary.invalid/x.dtd"'), 'dtd'],
  ['a public document type', entities('PUBLIC "-//x//y" "https://canary.invalid/x.dtd"'), 'dtd'],
  ['parameter entities', entities('[<!ENTITY % p "<!ENTITY a11 \'x\'>"> %p;]'), 'dtd'],
  ['200,000 levels', '<rss>' + '<a>'.repeat(200_000), 'too-deep'],
  ['101 levels', rss(`<item>${'<a>'.repeat(98)}${'</a>'.repeat(98)}</item>`), 'too-deep'],
  [
    '200,000 attributes',
    `<rss ${Array.from({ length: 200_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`,
    'too-many-attributes',
  ],
  ['never-closed comments', `<rss><channel>${'<!-- '.repeat(200_000)}`, 'truncated'],
  ['a feed cut in its first entry', rss('<item><title>o').split('</channel>')[0] ?? '', 'truncated'],
  ['cut JSON', '{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1', 'truncated'],
  ['deep JSON', '['.repeat(1_000_000), 'too-deep'],
  ['JSON that is no feed', '{"vulnerabilities":[{"cveID":"CVE-2021-27104"}]}', 'not-a-feed'],
  ['JSON that is none', '{no}', 'not-a-feed'],
  ['OPML', '<opml version="2.0"><body/></opml>', 'not-a-feed'],
  ['a sitemap', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', 'not-a-feed'],
  ['plain text', 'oops', 'not-a-feed'],
  ['a PDF', '%PDF-1.7', 'not-a-feed'],
  ['UTF-16 read as UTF-8', '<\u0000r\u0000s\u0000s\u0000>\u0000', 'not-a-feed'],
])('refuses %s', (_name, text, code) => {
  const start = performance.now()
  const error = (() => {
    try {
      return read(text)
    } catch (thrown) {
      return thrown
    }
  })()
  expect(error).toBeInstanceOf(FeedError)
  expect(error).toMatchObject({ code, message: expect.stringMatching(/^Expected a feed .*, got [^\n]+\.$/) })
  expect(performance.now() - start).toBeLessThan(4000)
})

test('99 levels pass', () => {
  expect(first(rss(`<item><title>a</title>${'<a>'.repeat(97)}${'</a>'.repeat(97)}</item>`))?.title).toBe('a')
})

test('the answer can be copied to another thread', () => {
  const feed = read(rss('<item><title>a</title></item>'))
  expect(structuredClone(feed)).toEqual(feed)
})
