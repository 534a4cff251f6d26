export { extractIndicators } from './extract.ts'
export { findIndicators } from './find.ts'
export { Indicator, IndicatorKind } from './indicator.ts'
export { extract } from './jobs.ts'
export { type IndicatorName, parentsOf } from './parents.ts'
export {
  findIndicatorArticles,
  type IndicatorCursor,
  type IndicatorValue,
  listIndicators,
  listIndicatorValues,
} from './queries.ts'
export { refang } from './refang.ts'
