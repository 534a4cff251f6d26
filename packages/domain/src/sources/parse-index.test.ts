import { expect, test } from 'vitest'
import { FeedError } from './feed-guard.ts'
import { discoverFeeds, parseIndex } from './parse-index.ts'

const url = 'https://vendor.example/blog/'
const now = '2026-11-21T00:00:00Z'
const around = (
  list: string,
) => `<!doctype html><title>Labs</title><header><a href="/products/endpoint-protection-platform-for-everyone">Products for everyone who wants them</a></header>
  <nav><a href="/a-very-long-navigation-entry-one">A very long navigation entry of the site</a><a href="/b">Another very long navigation entry of it</a></nav>
  <main>${list}</main><footer><a href="/legal-notice-and-privacy">Legal notice, privacy and all the rest of it</a><a href="/imprint">Imprint of the company that runs this site</a></footer>`

test.each([
  [
    'cards with a date beside the link',
    '<div class="card"><a href="/r/1">First report of the year</a> <span>Mon Oct 06 2025</span></div><div class="card"><a href="/r/2">Second report</a> <span>Tue Oct 07 2025</span></div>',
  ],
  [
    'cards with image, heading and button',
    [1, 2]
      .map(
        (n) =>
          `<article><a href="/r/${n}"><img alt=""></a><h2><a href="/r/${n}#top">${n === 1 ? 'First report of the year' : 'Second report'}</a></h2><time datetime="2025-10-0${n + 5}">x</time><p>Teaser.</p><a href="/r/${n}?utm_source=x">Read more</a></article>`,
      )
      .join(''),
  ],
  [
    'cards that are links',
    [1, 2]
      .map(
        (n) =>
          `<a class="c" href="/r/${n}"><h3>${n === 1 ? 'First report of the year' : 'Second report'}</h3><p>October ${n + 5}, 2025</p></a>`,
      )
      .join(''),
  ],
  [
    'rows of a table',
    `<table>${[1, 2].map((n) => `<tr><td>2025-10-0${n + 5}</td><td><a href="/r/${n}">${n === 1 ? 'First report of the year' : 'Second report'}</a></td></tr>`).join('')}</table>`,
  ],
])('finds %s', (_name, list) => {
  const { title, entries } = parseIndex({ html: around(list), url, now })
  expect(title).toBe('Labs')
  expect(entries.map((entry) => [entry.key, entry.title, entry.publishedAt])).toEqual([
    ['https://vendor.example/r/1', 'First report of the year', '2025-10-06T00:00:00.000Z'],
    ['https://vendor.example/r/2', 'Second report', '2025-10-07T00:00:00.000Z'],
  ])
})

test('takes links of the same site only, and no lists, tags or script addresses', () => {
  const links = [
    'https://labs.vendor.example/r/1',
    '/r/2',
    'https://other.example/r/3',
    '/tag/a',
    '/category/b',
    '/page/2',
    'javascript:alert(1)',
    '#x',
    '/',
  ]
  const list = links.map((href) => `<li><a href="${href}">A title that is long enough to be one</a></li>`).join('')
  expect(parseIndex({ html: `<ul>${list}</ul>`, url, now }).entries.map((entry) => entry.url)).toEqual([
    'https://labs.vendor.example/r/1',
    'https://vendor.example/r/2',
  ])
})

test.each(['', '<p>No links here</p>', '<a href="/login">Log in</a>', around('')])(
  'refuses a page without a list: %#',
  (html) => {
    expect(() => parseIndex({ html, url, now })).toThrow(FeedError)
    expect(() => parseIndex({ html, url, now })).toThrow(
      /^Expected a page with a list of articles, got no repeated links/,
    )
  },
)

test('finds the feeds that a page names', () => {
  const html = `<head><base href="https://evil.invalid/"><link rel="alternate" type="application/rss+xml" title="All posts" href="/feed/">
    <link rel="ALTERNATE" type="application/feed+json" href="feed.json"><link rel="alternate" hreflang="de" href="/de/">
    <link rel="alternate" type="application/atom+xml" href="javascript:x"><link rel="stylesheet" type="text/css" href="x.css"></head>`
  expect(discoverFeeds({ html, url })).toEqual([
    { url: 'https://vendor.example/feed/', title: 'All posts' },
    { url: 'https://vendor.example/blog/feed.json' },
  ])
})

test('20,000 links take no time in proportion to their square', () => {
  const item = (page: number) => `<p><a href="/r/${page}">A title that is long enough to be one</a></p>`
  const html = `<div>${item(1).repeat(1000)}${item(2)}${item(1).repeat(19_000)}</div>`
  const start = performance.now()
  expect(parseIndex({ html, url, now }).entries).toHaveLength(2)
  expect(performance.now() - start).toBeLessThan(4000)
})
