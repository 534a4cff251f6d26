import { runMain } from '@dayshift/runtime'
import { prepareEmbeddedDatabase } from '@dayshift/storage/embedded'
import { keepCompiled } from './keep-compiled.ts'

// Run once by the installation: what a first start would else wait for.
keepCompiled()
await runMain(async () => {
  await Promise.all([prepareEmbeddedDatabase(), import('./program.ts'), import('./serve.ts'), import('./once.ts')])
})
