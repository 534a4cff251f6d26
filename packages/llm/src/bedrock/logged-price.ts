import { findModel } from '../catalogue.ts'
import type { Catalogue } from '../catalogue.ts'
import { costOf } from '../cost.ts'
import type { PlannedCall } from '../gateway/ledger.ts'
import type { Usage } from '../llm.ts'

/** What a call of the ledger costs with the usage that the vendor's log tells; null when the price is not known. */
export const priceOfLogged =
  (catalogue: Catalogue) =>
  ({ model: id, scope, tier }: Pick<PlannedCall, 'model' | 'scope' | 'tier'>, usage: Usage): number | null =>
    costOf({ id, model: findModel(catalogue, baseOf(id)), scope }, usage, tier).costUsd

/** Without what stands before it in an ARN or an inference profile. */
const baseOf = (id: string): string =>
  id
    .split('/')
    .at(-1)!
    .replace(/^(us-gov|us|eu|apac|jp|au|ca|global)\./, '')
