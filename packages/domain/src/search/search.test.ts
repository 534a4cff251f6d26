import { embedArticle } from '@dayshift/domain/embeddings'
import { extractIndicators } from '@dayshift/domain/indicators'
import { saveTestArticle, type TestArticle, useTestContext } from '@dayshift/domain/testing'
import { LlmUnavailable } from '@dayshift/llm'
import { beforeAll, describe, expect, test } from 'vitest'
import { getArticleText } from '@dayshift/domain/articles'
import { search } from './search.ts'

const open = useTestContext()
const find = (q: string, sourceId?: string) => search(open(), { q, limit: 10, sourceId })
const titlesOf = async (q: string, sourceId?: string) => (await find(q, sourceId)).map(({ article }) => article.title)

const filler = (subject: string) =>
  Array.from(
    { length: 12 },
    (_, n) => `Line ${n} of the ${subject} report repeats what analysts of ${subject} know.`,
  ).join(' ')

const reports = [
  {
    title: 'Sandworm returns to the power grid',
    text: `${filler('energy')} The wiper overwrote every disk of the substation controllers at midnight. ${filler('turbine')}`,
  },
  {
    title: 'A loader called Kestrel',
    text: `${filler('loader')} Kestrel asked hxxps://c2.evil-panel[.]com/gate.php for its orders. ${filler('beacon')}`,
  },
  {
    title: 'Kerberoasting against old domain controllers',
    text: `${filler('ticket')} Kerberoasting gives service tickets that are cracked later. ${filler('controller')}`,
  },
  {
    title: 'Spear phishing of ministries',
    text: `${filler('mail')} The ministries got letters from a forged embassy.`,
  },
] satisfies TestArticle[]

async function add(article: TestArticle): Promise<{ id: string; sourceId: string }> {
  const saved = await saveTestArticle(open(), article)
  await extractIndicators(open(), await getArticleText(open().db, saved.id))
  await embedArticle(open(), saved.id)
  return saved
}

let sources: string[] = []
beforeAll(async () => {
  for (const report of reports) sources.push((await add(report)).sourceId)
})

describe('what is found', () => {
  test.each(reports)('the title "$title" finds its article first, by title', async ({ title }) => {
    const [first] = await find(title)
    expect(first?.article.title).toBe(title)
    expect(first?.matched).toContain('title')
    expect((await find(title.toUpperCase()))[0]?.article.title).toBe(title)
  })

  test('a title outweighs a text that repeats it', async () => {
    const { sourceId } = await add({ title: 'Quiet ferry', text: 'A tunnel through the names of hosts.' })
    await add({ title: 'Reading list', text: 'Quiet ferry. A quiet ferry again. Quiet, ferry!', sourceId })
    expect(await titlesOf('quiet ferry', sourceId)).toEqual(['Quiet ferry', 'Reading list'])
    expect(await titlesOf('the ferry, quiet', sourceId)).toEqual(['Quiet ferry', 'Reading list'])
  })

  test('a sentence from the middle finds its article first, with its passage', async () => {
    const [first] = await find('The wiper overwrote every disk of the substation controllers at midnight.')
    expect(first?.article.title).toBe('Sandworm returns to the power grid')
    expect(first?.matched).toEqual(['words', 'meaning'])
    const { text = '', startOffset, endOffset } = first?.passage ?? {}
    expect(text).toContain('The wiper overwrote every disk')
    expect(reports[0]?.text.slice(startOffset, endOffset)).toBe(text)
    const marked = first?.highlights.map(([start, end]) => text.slice(start, end)) ?? []
    expect(new Set(marked)).toEqual(
      new Set(['The', 'wiper', 'overwrote', 'every', 'disk', 'the', 'substation', 'controllers', 'midnight']),
    )
  })

  test.each([
    'https://c2.evil-panel.com/gate.php',
    'hxxps://c2[.]evil-panel[.]com/gate.php',
    'c2.evil-panel.com',
    'C2[.]EVIL-PANEL[.]COM',
    'evil-panel.com',
    'evil-panel[.]com',
  ])('the indicator %s finds its article first, by its list', async (q) => {
    const [first] = await find(q)
    expect(first?.article.title).toBe('A loader called Kestrel')
    expect(first?.matched).toContain('indicator')
  })

  test('a word with a typing error is found by meaning', async () => {
    const [first] = await find('kerberoastng')
    expect(first?.article.title).toBe('Kerberoasting against old domain controllers')
    expect(first?.matched).toEqual(['meaning'])
  })

  test('a word in another form is found by words', async () => {
    const [first] = await find('ministry letter')
    expect(first?.article.title).toBe('Spear phishing of ministries')
    expect(first?.matched).toEqual(expect.arrayContaining(['words']))
  })

  test('a source holds all that is found', async () => {
    expect(await titlesOf('Kestrel', sources[1])).toEqual(['A loader called Kestrel'])
    expect(await titlesOf('A loader called Kestrel', sources[0])).not.toContain('A loader called Kestrel')
    expect(await titlesOf('c2.evil-panel.com', '0198c0de-0000-7000-8000-000000000000')).toEqual([])
  })

  test('no more than asked for', async () => {
    expect(await search(open(), { q: 'report', limit: 2 })).toHaveLength(2)
  })
})

describe('odd questions', () => {
  test.each([
    ['blank', ' \n '],
    ['only what shows nothing', '\u200b\u0000\u2060'],
    ['only stop words', 'the of and to in'],
    ['only punctuation', '?!… --- ***'],
    ['quotes', `it's "a" 'b' ''' \\' \\\\ "`],
    ['operators of a text search', ':*&|!()<-> a:*b & | !! <2>'],
    ['a NUL and half a character', 'wiper\0 \ud83d disk'],
    ['wild cards and markup', '%_ <b>x</b> {{}} ${1} $1 ; drop table article; --'],
    ['other scripts', '勒索软件 الفدية 🙂'],
    ['addresses that the parser of words takes apart', "http://a.b/it's?x=%27&y='z\\ C:\\Users\\x'y.exe a@b.c"],
    ['ports and parameters', 'http://a.example:8080/x?y=1&z=(2)!|3:* a.example:443'],
    ['2,000 characters in one word', 'x'.repeat(2000)],
    ['2,000 characters in words', 'wiper disk '.repeat(200).slice(0, 2000)],
    ['2,000 quotes', `'`.repeat(2000)],
    ['500 different words', Array.from({ length: 400 }, (_, n) => `w${n}`).join(' ')],
  ])('%s', async (_what, q) => {
    const hits = await find(q)
    expect(hits.length).toBeLessThanOrEqual(10)
    for (const { passage, highlights } of hits) {
      for (const [start, end] of highlights) expect(passage?.text.slice(start, end)).toMatch(/\S/)
    }
  })

  test('a blank question finds nothing', async () => {
    expect(await find('  ')).toEqual([])
    expect(await find('\u200b')).toEqual([])
  })

  test('characters that show nothing do not hide a word', async () => {
    expect((await find('kest\u200brel'))[0]?.article.title).toBe('A loader called Kestrel')
  })
})

test('articles that match alike come in the same order each time', async () => {
  const { sourceId } = await add({ title: 'Twin', text: 'The twin tells of the zebra.' })
  for (let n = 0; n < 5; n++)
    await add({ title: 'Twin', text: 'The twin tells of the zebra.', sourceId, url: `https://t.example/${n}` })
  const first = (await find('zebra', sourceId)).map(({ article, score }) => [article.id, score])
  expect(first).toHaveLength(6)
  for (let n = 0; n < 3; n++) {
    expect((await find('zebra', sourceId)).map(({ article, score }) => [article.id, score])).toEqual(first)
  }
  const scores = first.map(([, score]) => score as number)
  expect(scores).toEqual(scores.toSorted((a, b) => b - a))
})

test('while no model answers, words, titles and indicators are still searched', async () => {
  const { db, log, llm } = open()
  const away = { ...llm, embed: () => Promise.reject(new LlmUnavailable('the model is away', {})) }
  const matched = async (q: string) => (await search({ db, log, llm: away }, { q, limit: 5 }))[0]?.matched
  expect(await matched('Sandworm returns to the power grid')).toEqual(['title'])
  expect(await matched('the wiper overwrote every disk')).toEqual(['words'])
  expect(await matched('c2[.]evil-panel[.]com')).toContain('indicator')
})

test('where there is no article nothing is found', async () => {
  await open().db.deleteFrom('source').execute()
  expect(await find('A loader called Kestrel')).toEqual([])
})
