export { checkHealth, Health } from './health.ts'
export { maintain } from './maintain.ts'
export { measure, type Measures } from './measure.ts'
export { countTotals, Totals } from './totals.ts'
