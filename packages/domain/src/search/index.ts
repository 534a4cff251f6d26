export { Hit } from './hit.ts'
export { search, type SearchRequest } from './search.ts'
