import { z } from 'zod'
import type { Pricer } from '../charge.ts'
import { readValues } from '../resources.ts'

export const priceSecret: Pricer = ({ address }) => [
  { resource: address, what: 'secret', price: 'secrets.secret', quantity: 1 },
]

export const priceKey: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'key', price: 'kms.key', quantity: 1 },
  { resource: address, what: 'uses', price: 'kms.calls', quantity: usage.keyCalls10k },
]

export const priceRepository: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'images', price: 'ecr.gb', quantity: usage.imagesGb },
]

export const priceBackupPlan: Pricer = ({ address }, { usage }) => [
  { resource: address, what: 'recovery points of the database', price: 'backup.rds', quantity: usage.backupPlanGb },
]

/** An advanced parameter would have a price. */
export const priceParameter: Pricer = (resource) => {
  readValues(z.object({ tier: z.literal('Standard').nullish() }), resource)
  return []
}
