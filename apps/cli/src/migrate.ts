import { migrateOnce, openSettings, runMain } from '@dayshift/runtime'

await runMain(async () => {
  const { prepared, applied } = await migrateOnce(await openSettings(process.env))
  if (prepared !== undefined) console.log(`The role, the database and the extension vector are there: ${prepared}.`)
  console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The database is up to date.')
})
