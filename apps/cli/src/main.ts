import { readConfig } from '@dayshift/domain/config'
import { createLog, openContext, runMain } from '@dayshift/runtime'
import { readOptions, usage } from './options.ts'

await runMain(async (closing) => {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    console.log(usage)
    return
  }
  const { config, secrets } = readConfig(process.env)
  const settings = {
    secrets,
    config: {
      ...config,
      DAYSHIFT_DATA: options.data ?? config.DAYSHIFT_DATA,
      ALLOW_ORIGINS: [...config.ALLOW_ORIGINS, ...options.allowOrigins],
    },
  }
  // At a terminal people read our lines; the log is for what needs attention.
  const log = createLog(process.env['LOG_LEVEL'] ? config.LOG_LEVEL : 'warn')
  // The embedded database starts in its thread while the rest of the program is loaded.
  const [open, { collectOnce }, { serve }] = await Promise.all([
    openContext(settings, log),
    import('./once.ts'),
    import('./serve.ts'),
  ])
  closing.push(open.close)
  const run = { ...settings, open, log, closing, print: (line: string): void => console.log(line) }
  if (!options.once) {
    await serve(run)
    return
  }
  process.exitCode = await collectOnce(run, options)
  for (const close of closing.splice(0).toReversed()) await close()
})
