export { createBedrockBatches } from './batch/index.ts'
export { createBedrockProvider } from './bedrock.ts'
export { readInvocationLog } from './invocation-log.ts'
export { priceOfLogged } from './logged-price.ts'
