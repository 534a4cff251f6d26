import { runMain } from '@dayshift/runtime/run-main'

// What takes time to load is loaded when the listeners for signals stand.
await runMain(async (closing, life) => {
  const { startWorkerProcess } = await import('./start.ts')
  await startWorkerProcess(process.env, closing, life)
})
