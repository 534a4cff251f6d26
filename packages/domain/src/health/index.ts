export { checkHealth, Health } from './health.ts'
export { maintain } from './maintain.ts'
export { countTotals, Totals } from './totals.ts'
