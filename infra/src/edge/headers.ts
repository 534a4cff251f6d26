import { CloudfrontResponseHeadersPolicy, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'

/** Security headers on every answer, also on pages that are not ours. The content security policy is the web's: it knows its page. */
export function createHeaders(stack: TerraformStack, plan: Plan): string {
  return new CloudfrontResponseHeadersPolicy(stack, 'headers', {
    name: `dayshift-${plan.name}`,
    securityHeadersConfig: {
      strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, includeSubdomains: false, override: true },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: 'DENY', override: true },
      // The web is stricter where it must be.
      referrerPolicy: { referrerPolicy: 'strict-origin-when-cross-origin', override: false },
    },
  }).id
}
