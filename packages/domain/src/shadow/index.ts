export { shadowReport, type ShadowExample, type ShadowReport, ShadowRow } from './report.ts'
export { createShadowStore } from './store.ts'
