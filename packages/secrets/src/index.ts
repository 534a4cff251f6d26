export { createElastiCacheTokens, type ElastiCacheTokenOptions } from './elasticache-token.ts'
export {
  createSecretsManager,
  type SecretsManager,
  type SecretsManagerOptions,
  SecretUnavailable,
} from './secrets-manager.ts'
