import { expect, test } from 'vitest'
import { OpmlError, parseOpml, writeOpml } from './parse-opml.ts'

const list = (body: string) =>
  `<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>${body}</body></opml>`

test('reads nested outlines', () => {
  const text =
    list(`<outline text="Vendors"><outline text="Labs"><outline type="rss" text="A &amp; B" xmlUrl="https://a.example/feed?x=1&amp;y=2" htmlUrl="https://a.example/"/></outline></outline>
    <outline title="C" text="c" xmlUrl=" https://c.example/rss "/><outline xmlUrl="https://d.example/rss" category="/Security/CERT,/x"/>`)
  expect(parseOpml({ text })).toEqual({
    title: 'Mine',
    sources: [
      {
        url: 'https://a.example/feed?x=1&y=2',
        title: 'A & B',
        siteUrl: 'https://a.example/',
        category: 'Vendors / Labs',
      },
      { url: 'https://c.example/rss', title: 'C' },
      { url: 'https://d.example/rss', title: 'd.example', category: 'Security/CERT' },
    ],
    skipped: [],
  })
})

test('reads upper case, naked ampersands and the feed scheme', () => {
  const text =
    '\ufeff<OPML><BODY><OUTLINE TEXT="R&D" XMLURL="feed://a.example/rss"/><outline text="B" xmlUrl="feed:https://b.example/"/></BODY></OPML>'
  expect(parseOpml({ text }).sources).toEqual([
    { url: 'http://a.example/rss', title: 'R&D' },
    { url: 'https://b.example/', title: 'B' },
  ])
})

test.each([
  ['no address', '<outline text="A"/>', '"A" has no xmlUrl.'],
  [
    'another scheme',
    '<outline text="A" xmlUrl="file:///etc/passwd"/>',
    '"A": file:///etc/passwd is no http or https address.',
  ],
  [
    'a repetition',
    '<outline text="A" xmlUrl="https://ok.example/#x"/>',
    '"A": https://ok.example/#x is in the list twice.',
  ],
])('skips an outline with %s and says why', (_name, outline, reason) => {
  const { sources, skipped } = parseOpml({ text: list(`<outline text="ok" xmlUrl="https://ok.example/"/>${outline}`) })
  expect(sources).toHaveLength(1)
  expect(skipped).toEqual([{ reason }])
})

test('keeps what stands before the cut', () => {
  const text = list(
    '<outline text="F"><outline text="A" xmlUrl="https://a.example/"/><outline text="B" xmlUrl="https://b.example/"/></outline>',
  )
  expect(parseOpml({ text: text.slice(0, text.indexOf('https://b')) })).toMatchObject({
    sources: [{ url: 'https://a.example/', category: 'F' }],
    skipped: [{ reason: expect.stringContaining('ends in the middle') }],
  })
})

test.each([
  ['an RSS feed', '<rss version="2.0"><channel/></rss>'],
  ['an Atom feed', '<feed xmlns="http://www.w3.org/2005/Atom"/>'],
  ['an HTML page', '<!doctype html><html></html>'],
  ['JSON', '{"a":1}'],
  ['an empty document', ''],
  ['a list without any feed', list('')],
  ['a document type declaration', '<!DOCTYPE opml [<!ENTITY a "b">]><opml/>'],
  ['more than 100 levels', list('<outline text="a">'.repeat(200))],
])('refuses %s', (found, text) => {
  expect(() => parseOpml({ text })).toThrow(OpmlError)
  expect(() => parseOpml({ text })).toThrow(new RegExp(`^Expected an OPML list of feeds, got .*${found}`))
})

test('what it writes it reads again', () => {
  const sources = [
    {
      url: 'https://a.example/?a=1&b=2',
      title: 'A "quoted" <b> & more',
      siteUrl: 'https://a.example/',
      category: 'Labs & CERTs',
    },
    { url: 'https://b.example/', title: 'B' },
  ]
  expect(parseOpml({ text: writeOpml(sources) }).sources).toEqual(sources)
  expect(writeOpml([{ url: 'https://a.example/', title: 'a\u0000\u0008b', siteUrl: null, category: null }])).toContain(
    'text="ab"',
  )
})
