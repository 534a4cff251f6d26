import { openEmbeddedDatabase } from '../embedded/index.ts'

// Started by a test that kills it: opens the folder of its argument and tells the parent where.
const { url } = await openEmbeddedDatabase({ folder: process.argv[2] ?? 'memory' })
process.send?.(url)
