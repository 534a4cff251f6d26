import { readConfig } from '@dayshift/domain/config'
import { requireDatabase, runMain } from '@dayshift/runtime'
import { createDatabase, migrate } from '@dayshift/storage'

await runMain(async (closing) => {
  const settings = readConfig(process.env)
  requireDatabase(settings, 'npm run migrate')
  const { db, close } = createDatabase(settings.secrets.DATABASE_URL ?? '', { maxConnections: 1 })
  closing.push(close)
  const applied = await migrate(db)
  console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The database is up to date.')
  await close()
  closing.length = 0
})
