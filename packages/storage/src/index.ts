export { createDatabase, inTransaction, type Database, type DatabaseOptions, type Db } from './database.ts'
export { listMigrations, migrate, MigrationError } from './migrate.ts'
export type { Tables } from './tables.ts'
export { toVector } from './vector.ts'
