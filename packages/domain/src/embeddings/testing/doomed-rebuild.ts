import { createDatabase } from '@dayshift/storage'
// Not by the door of `testing`, which needs the test runner.
import { createTestModels } from '../../testing/models.ts'
import { rebuildSpace } from '../rebuild.ts'

/** Run as a process: rebuilds a space, tells how many texts it asks for, and holds its last request until it is killed. */
async function main([url, spaceId, answers]: string[]): Promise<void> {
  const { db } = createDatabase(url!)
  const models = createTestModels('none')
  let requests = 0
  models.before = (texts) => {
    requests += 1
    process.send?.(texts)
    return requests > Number(answers) && new Promise(() => undefined)
  }
  await rebuildSpace({ db, llm: models }, spaceId!, { progress: () => undefined, signal: new AbortController().signal })
}

if (import.meta.main) await main(process.argv.slice(2))
