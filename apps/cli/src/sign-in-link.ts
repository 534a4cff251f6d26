import { createSignInLink, ensureAdministrator } from '@dayshift/domain/accounts'
import { readConfig } from '@dayshift/domain/config'
import { requireDatabase, runMain } from '@dayshift/runtime'
import { createDatabase, migrate } from '@dayshift/storage'
import { signInAddress } from './sign-in-address.ts'

await runMain(async (closing) => {
  const settings = readConfig(process.env)
  requireDatabase(settings, 'npm run sign-in-link')
  const { config, secrets } = settings
  const { db, close } = createDatabase(secrets.DATABASE_URL ?? '', { maxConnections: 1 })
  closing.push(close)
  await migrate(db)
  const { id } = await ensureAdministrator(db)
  const secret = await createSignInLink({ db, clock: () => new Date() }, id)
  console.log(signInAddress(config.PUBLIC_URL ?? `http://localhost:${config.PORT}`, secret))
  closing.length = 0
  await close()
})
