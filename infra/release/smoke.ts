import { ReleaseError, type World } from './ports.ts'
import { command } from './release-file.ts'
import { reasonOf } from './watch.ts'

const TRIES = 5
const EVERY_MS = 10_000

interface Sample {
  path: string
  expected: string
  holds: (body: string) => boolean
}

const samples: Sample[] = [
  { path: '/health', expected: '{"ok":true}', holds: (body) => hasOk(body) },
  { path: '/ready', expected: '"ok":true with its parts', holds: (body) => hasOk(body) },
  { path: '/sign-in', expected: 'the page of Dayshift', holds: (body) => body.includes('<title>Dayshift</title>') },
]

/**
 * Asks from outside, as a browser comes: through CloudFront.
 * @throws ReleaseError with what was expected and what came
 */
export async function smoke(world: World): Promise<void> {
  const { plan, terraform, say } = world
  const applied = await terraform.readApplied()
  if (!applied) throw new ReleaseError(`${plan.name} was never applied: there is nothing to ask.`)
  for (const sample of samples) {
    await ask(world, `${applied.address}${sample.path}`, sample)
    say(`${applied.address}${sample.path}: as expected.`)
  }
}

async function ask({ plan, site, clock, signal }: World, url: string, { expected, holds }: Sample): Promise<void> {
  let came = ''
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await clock.wait(EVERY_MS, signal)
    try {
      const { status, body } = await site.get(url)
      if (status === 200 && holds(body)) return
      came = `${status} ${body.slice(0, 80).replaceAll(/\s+/g, ' ')}`
    } catch (error) {
      came = reasonOf(error)
    }
  }
  throw new ReleaseError(
    `${url}: expected 200 and ${expected}, came ${came}, ${TRIES} times. Nothing was changed. ` +
      `A 503 with a page is what stands while nothing runs: ${command(plan.name, 'status')}`,
  )
}

function hasOk(body: string): boolean {
  try {
    return (JSON.parse(body) as { ok?: unknown } | null)?.ok === true
  } catch {
    return false
  }
}
