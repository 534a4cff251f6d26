import { runMain } from '@dayshift/runtime'
import { prepareEmbeddedDatabase } from '@dayshift/storage/embedded'

// Run once by the installation: what a first start would else wait for.
await runMain(prepareEmbeddedDatabase)
