export { defaultSources } from './default-sources.ts'
export { listSamples, type Sample } from './samples.ts'
