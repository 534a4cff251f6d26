import { createLog, openContext, openSettings, runMain } from '@dayshift/runtime'
import { readOptions, usage } from './options.ts'

/** What a `main.ts` hands over: the process's own. */
export interface Terminal {
  args: string[]
  environment: Record<string, string | undefined>
  print: (line: string) => void
}

/** Runs until it is stopped, or until everything is collected once; sets the exit status. */
export const runProgram = ({ args, environment, print }: Terminal): Promise<void> =>
  runMain(async (closing, life) => {
    const options = readOptions(args)
    if (options.help) {
      print(usage)
      return
    }
    const given = await openSettings(environment)
    const { config } = given
    life.stopWithin(config.STOP_WITHIN_S * 1000)
    const settings = {
      ...given,
      config: {
        ...config,
        DAYSHIFT_DATA: options.data ?? config.DAYSHIFT_DATA,
        ALLOW_ORIGINS: [...config.ALLOW_ORIGINS, ...options.allowOrigins],
      },
    }
    // At a terminal people read our lines; the log is for what needs attention.
    const log = createLog(environment['LOG_LEVEL'] ? config.LOG_LEVEL : 'warn')
    // The embedded database starts in its thread while the rest of the program is loaded.
    const [open, { collectOnce }, { serve }] = await Promise.all([
      openContext(settings, log),
      import('./once.ts'),
      import('./serve.ts'),
    ])
    closing.push(open.close)
    const run = { ...settings, open, log, closing, life, print }
    if (!options.once) {
      await serve(run)
      return
    }
    process.exitCode = await collectOnce(run, options)
    for (const close of closing.splice(0).toReversed()) await close()
  })
