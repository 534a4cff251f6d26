import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findFaults, openBrowser, openPage, type Watched } from './testing/browser.ts'
import { type Dayshift, startDayshift, untilRead } from './testing/dayshift.ts'

const MOST_FIRST_BYTES = 125_000
const MOST_NODES = 500
const picture = fileURLToPath(new URL('../../../docs/page.png', import.meta.url))

let dayshift: Dayshift
let browser: Browser
let watched: Watched
let page: Page

beforeAll(async () => {
  ;[dayshift, browser] = await Promise.all([startDayshift(), openBrowser()])
  watched = await openPage(browser)
  page = watched.page
  await page.goto(dayshift.link)
  await page.waitForURL('**/articles')
  await untilRead(async (path) => (await page.request.get(dayshift.url + path)).json())
})

afterEach(() => {
  const complaints = watched.complaints.splice(0)
  if (complaints.length > 0) throw new Error(`the browser complained:\n${complaints.join('\n')}`)
})

afterAll(async () => {
  await browser?.close()
  await dayshift?.stop()
})

const open = async (path: string): Promise<void> => void (await page.goto(dayshift.url + path))
const rows = () => page.getByRole('list', { name: 'Articles', exact: true }).getByRole('link')
const openRow = () => page.locator('li a[aria-current]')
const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute('href') ?? '')
const scrollTop = (): Promise<number> =>
  page
    .locator('ul')
    .locator('..')
    .first()
    .evaluate((list) => list.scrollTop)

describe('the list of articles', () => {
  test('the secret of the sign-in link leaves the address', () => {
    expect(page.url()).toBe(`${dayshift.url}/articles`)
  })

  test('rows are links that keep the filter, and have their place in the list', async () => {
    await open('/articles')
    await rows().first().waitFor()
    const source = await page.getByLabel('Source').locator('option').nth(1).getAttribute('value')
    await page.getByLabel('Source').selectOption(source)
    await page.waitForURL(`**/articles?source=${source}`)
    await rows().first().waitFor()
    expect(await rows().first().getAttribute('href')).toMatch(
      new RegExp(`^/articles/[0-9a-f-]{36}\\?source=${source}$`),
    )
    expect(await page.locator('li').first().getAttribute('aria-posinset')).toBe('1')
    expect(await page.locator('li').first().getAttribute('aria-setsize')).toMatch(/^\d+$/)
    expect(await findFaults(page)).toEqual([])
    await page.goBack()
    await page.waitForURL('**/articles')
    expect(await page.getByLabel('Source').inputValue()).toBe('')
  })

  test('opening an article does not move the list, and Back closes it', async () => {
    await open('/articles')
    await rows().first().waitFor()
    await page
      .locator('ul')
      .locator('..')
      .first()
      .evaluate((list) => list.scrollTo(0, 150))
    await rows().nth(3).click()
    await page.getByRole('article').waitFor()
    expect(await scrollTop()).toBe(150)
    expect(await findFaults(page)).toEqual([])
    await page.goBack()
    await page.waitForURL('**/articles')
    await page.getByText('Nothing is open').waitFor()
    expect(await scrollTop()).toBe(150)
  })

  test('coming back from another page finds the list where it was', async () => {
    await open('/articles')
    await rows().first().waitFor()
    await page
      .locator('ul')
      .locator('..')
      .first()
      .evaluate((list) => list.scrollTo(0, 200))
    await page.getByRole('link', { name: 'Sources' }).click()
    await page.getByRole('table').waitFor()
    await page.goBack()
    await rows().first().waitFor()
    expect(await scrollTop()).toBe(200)
  })

  test('j and k walk the list, Esc closes and leads back to the row', async () => {
    await open('/articles')
    await rows().first().waitFor()
    const hrefs = await rows().evaluateAll((links) => links.slice(0, 3).map((link) => link.getAttribute('href')))
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key)
    await page.waitForURL(`**${hrefs[1]}`)
    expect(await openRow().getAttribute('href')).toBe(hrefs[1])
    expect(await focused()).toBe(hrefs[1])
    const title = await openRow().locator('span span').first().textContent()
    await page
      .getByRole('article')
      .getByRole('heading', { name: title ?? '', exact: true })
      .waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL('**/articles')
    await expect.poll(focused).toBe(hrefs[1])
  })

  test('scrolling and reloading write nothing', async () => {
    watched.writes.splice(0)
    await open('/articles')
    await rows().first().waitFor()
    await page.mouse.move(300, 400)
    for (let wheel = 0; wheel < 5; wheel += 1) await page.mouse.wheel(0, 2000)
    await rows().nth(2).click()
    await page.getByRole('article').waitFor()
    await page.reload()
    await page.getByRole('article').waitFor()
    expect(watched.writes).toEqual([])
  })

  test('ten thousand rows are at most 500 nodes, at the top and in the middle', async () => {
    const { items } = (await (await page.request.get(`${dayshift.url}/api/v1/articles?limit=1`)).json()) as {
      items: object[]
    }
    const many = Array.from({ length: 10_000 }, (_, row) => ({
      ...items[0],
      id: `00000000-0000-4000-8000-${String(row).padStart(12, '0')}`,
    }))
    await page.route('**/api/v1/articles?*', (route) => route.fulfill({ json: { items: many, nextCursor: null } }))
    await open('/articles')
    await rows().first().waitFor()
    const nodes = (): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)
    expect(await nodes()).toBeLessThanOrEqual(MOST_NODES)
    await page
      .locator('ul')
      .locator('..')
      .first()
      .evaluate((list) => list.scrollTo(0, list.scrollHeight / 2))
    await page.locator('li[aria-posinset="5001"]').waitFor()
    expect(await page.locator('li[aria-posinset="5001"]').getAttribute('aria-setsize')).toBe('10000')
    expect(await nodes()).toBeLessThanOrEqual(MOST_NODES)
    await page.unroute('**/api/v1/articles?*')
  })
})

describe('an article', () => {
  test('says what was read out of it, and that no model wrote its summary', async () => {
    await open('/articles')
    await rows().filter({ hasText: 'indicator' }).first().click()
    const article = page.getByRole('article')
    await article.getByText('picked sentences, no model').waitFor()
    await article.getByRole('heading', { name: /^Indicators/ }).waitFor()
    expect(await article.getByRole('button', { name: /^Copy / }).count()).toBeGreaterThan(1)
    await page.mouse.move(0, 0)
    await page.screenshot({ path: picture })
  })

  test('an indicator leads to its search, whose results are walked as well', async () => {
    await page.getByTitle('Search for it').first().click()
    await page.waitForURL('**/search?q=*')
    const found = page.getByRole('list', { name: 'Found articles' }).getByRole('link')
    await found.first().waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.keyboard.press('j')
    await page.waitForURL('**/search/*?q=*')
    await page.getByRole('article').waitFor()
    expect(await findFaults(page)).toEqual([])
  })
})

describe('search', () => {
  test('/ leads to the box, where keys are letters; the words asked for are marked', async () => {
    await open('/articles')
    await rows().first().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('jk malware')
    expect(page.url()).toBe(`${dayshift.url}/articles`)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/search?q=jk+malware')
    await page.getByText(/articles? in \d+ ms/).waitFor()
    expect((await page.locator('mark').first().textContent())?.toLowerCase()).toBe('malware')
  })

  test('without a question it says what can be asked', async () => {
    await open('/search')
    await page.getByText('What are you looking for?').waitFor()
    expect(await findFaults(page)).toEqual([])
  })
})

describe('sources', () => {
  test('stand in a table with their state', async () => {
    await open('/sources')
    await page.getByRole('row').nth(1).waitFor()
    expect(await page.getByRole('columnheader').count()).toBe(7)
    expect(await findFaults(page)).toEqual([])
  })

  test('an address that may not be fetched is refused in words; what was typed stays', async () => {
    await page.getByRole('button', { name: 'Add source' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a source' })
    await dialog.getByLabel('Address').fill('http://127.0.0.1/feed.xml')
    expect(await findFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Add and check' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await dialog.getByLabel('Address').inputValue()).toBe('http://127.0.0.1/feed.xml')
    // The browser itself tells the console about the answer 400.
    expect(watched.complaints.splice(0)).toEqual([expect.stringContaining('400')])
    expect(await findFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('pausing shows at once; removing asks first', async () => {
    await page
      .getByRole('button', { name: /^Pause / })
      .first()
      .click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page
      .getByRole('button', { name: /^Resume / })
      .first()
      .click()
    await page.getByText('Paused', { exact: true }).waitFor({ state: 'detached' })
    await page
      .getByRole('button', { name: /^Remove / })
      .first()
      .click()
    await page.getByRole('alertdialog').waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(await page.getByRole('row').count()).toBeGreaterThan(1)
  })
})

describe('jobs', () => {
  test('are counted and listed, and a check appears without a reload', async () => {
    await open('/jobs')
    const jobs = page.getByRole('list', { name: 'Jobs from the newest' }).getByRole('listitem')
    await jobs.first().waitFor()
    expect(await findFaults(page)).toEqual([])
    const newest = await jobs.first().textContent()
    const { items } = (await (await page.request.get(`${dayshift.url}/api/v1/sources`)).json()) as {
      items: { id: string }[]
    }
    await page.request.post(`${dayshift.url}/api/v1/sources/${items[0]?.id}/check`)
    await expect.poll(() => jobs.first().textContent(), { timeout: 5000 }).not.toBe(newest)
  })

  test('the state is in the address', async () => {
    await page.getByRole('navigation', { name: 'Jobs by state' }).getByRole('link', { name: 'Dead' }).click()
    await page.waitForURL('**/jobs?state=dead')
    await page.getByText('No job is in this state').waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.goBack()
    await page.waitForURL('**/jobs')
  })
})

describe('the frame', () => {
  test('? lists the keys and can switch them off', async () => {
    await open('/articles')
    await rows().first().waitFor()
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.getByText('Next article').waitFor()
    expect(await findFaults(page)).toEqual([])
    await dialog.getByRole('checkbox').uncheck()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('j')
    expect(page.url()).toBe(`${dayshift.url}/articles`)
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    await dialog.getByRole('checkbox').check()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('a server that fails is told in its words with the request id', async () => {
    const problem = {
      title: 'Something went wrong here',
      status: 500,
      code: 'internal',
      detail: 'The log has it.',
      requestId: 'request-1',
    }
    await page.route('**/api/v1/sources', (route) => route.fulfill({ status: 500, json: problem }))
    await open('/sources')
    await page.getByRole('alert').getByText('request-1').waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.unroute('**/api/v1/sources')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('table').waitFor()
    expect(watched.complaints.splice(0)).toEqual([expect.stringContaining('500')])
  })

  test('on a narrow screen the open article takes the place of the list', async () => {
    await page.setViewportSize({ width: 390, height: 800 })
    await open('/articles')
    await rows().first().click()
    await page.getByRole('article').waitFor()
    expect(await rows().first().isVisible()).toBe(false)
    expect(await findFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Close the article' }).click()
    await rows().first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('the first page is at most 125 KB of JavaScript', async () => {
    const html = await (await page.request.get(`${dayshift.url}/articles`)).text()
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, file]) => file)
    let bytes = 0
    for (const file of files) {
      bytes += gzipSync(await (await page.request.get(dayshift.url + file)).body(), { level: 9 }).length
    }
    console.log(`first page: ${bytes} bytes of JavaScript (gzip -9) in ${files.length} file(s)`)
    expect(files.length).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(MOST_FIRST_BYTES)
  })

  test('signing out ends at the sign-in, and the sign-in leads back', async () => {
    await open('/jobs?state=done')
    await page.getByRole('button', { name: /^Account/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
    expect(await findFaults(page)).toEqual([])
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Dayshift' }).waitFor()
    expect(await findFaults(page)).toEqual([])
    await open('/jobs?state=done')
    await page.waitForURL('**/sign-in?from=%2Fjobs%3Fstate%3Ddone')
    await page.getByLabel('Name').fill('administrator')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The name or the password is wrong.').waitFor()
    expect(await findFaults(page)).toEqual([])
    // The browser itself tells the console about each answer 401.
    expect(watched.complaints.splice(0).filter((complaint) => !complaint.includes('401'))).toEqual([])
  })
})
