import { createLog } from '@dayshift/runtime'
import type { WebParts } from './parts.ts'
import { createServer } from './server.ts'

/** Prints the OpenAPI document. Only the routes' schemas are needed for it, so the parts are empty. */
const parts = { context: {} } as unknown as WebParts
const server = await createServer(parts, createLog('silent'))
await server.ready()
const text = JSON.stringify(server.swagger(), undefined, 2)
// A pipe takes a long text in pieces.
await new Promise((resolve) => process.stdout.write(text, resolve))
await server.close()
