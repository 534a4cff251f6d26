import type { PriceKey } from './prices.ts'
import type { Resource } from './resources.ts'
import type { Usage } from './usage.ts'

/** So much of what a price is for, in a month. */
export interface Charge {
  /** The address of the resource, or `usage`. */
  resource: string
  what: string
  price: PriceKey
  quantity: number
  /** Where the quantity itself is uncertain. */
  mostQuantity?: number
}

/** An environment's resources and what is assumed of its use. */
export interface Stack {
  environment: string
  resources: Resource[]
  usage: Usage
}

/** What one resource is charged for. */
export type Pricer = (resource: Resource, stack: Stack) => Charge[]
