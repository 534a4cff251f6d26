import { createRequire } from 'node:module'
import { type AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

export interface Watched {
  page: Page
  /** What the content security policy refused, and what the console was told as an error. */
  complaints: string[]
  /** Requests that are not reads. */
  writes: string[]
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

/** A page in a context of its own that tells on everything that must not happen. */
export async function openPage(browser: Browser): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  const page = await context.newPage()
  const complaints: string[] = []
  const writes: string[] = []
  await page.exposeFunction('complain', (text: string) => void complaints.push(text))
  // Injected by the browser's own protocol, which the page's policy does not cover.
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
  await page.addInitScript(() => {
    const { complain } = window as unknown as { complain: (text: string) => void }
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      complain(`policy: ${violatedDirective} ${blockedURI} ${sample}`),
    )
  })
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  page.on('request', (request) => {
    if (!['GET', 'HEAD'].includes(request.method())) writes.push(`${request.method()} ${request.url()}`)
  })
  return { page, complaints, writes }
}

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds wrong with the page as it stands, in the light and in the dark theme. */
export async function findFaults(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await page.evaluate<AxeResults, string[]>(
      (values) =>
        (window as unknown as { axe: typeof import('axe-core') }).axe.run({
          runOnly: { type: 'tag', values },
          // Popups stand at the end of the document, outside of every landmark.
          rules: { region: { enabled: false } },
        }),
      rules,
    )
    for (const { id, nodes } of violations) {
      faults.push(
        `${colorScheme}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
      )
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
  return faults
}
