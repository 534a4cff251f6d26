import { createSignInLink, ensureAdministrator } from '@dayshift/domain/accounts'
import { bringUpToDate, createLog, openPostgres, openSettings, requireDatabase, runMain } from '@dayshift/runtime'
import { createDatabase } from '@dayshift/storage'
import { signInAddress } from './sign-in-address.ts'

await runMain(async (closing) => {
  const settings = await openSettings(process.env)
  requireDatabase(settings, 'npm run sign-in-link')
  const { config } = settings
  const log = createLog(config.LOG_LEVEL)
  const { db, close } = createDatabase(await openPostgres(settings, log), { maxConnections: 1 })
  closing.push(close)
  await bringUpToDate(db, config, log)
  const { id } = await ensureAdministrator(db)
  const secret = await createSignInLink({ db, clock: () => new Date() }, id)
  console.log(signInAddress(config.PUBLIC_URL ?? `http://localhost:${config.PORT}`, secret))
  closing.length = 0
  await close()
})
