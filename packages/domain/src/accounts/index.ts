export { Account, ApiToken, ApiTokenScope, NewApiToken, Password } from './account.ts'
export { createApiToken, listApiTokens, revokeApiToken, signInByToken } from './api-tokens.ts'
export {
  createSignInLink,
  ensureAdministrator,
  getEnabledAccount,
  setPassword,
  signInByLink,
  signInByPassword,
} from './sign-in.ts'
