import { CloudfrontDistribution, CloudfrontOriginAccessControl, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import { ROUTE_HEADER } from '../load-balancing.ts'
import type { Data, Edge, LoadBalancing } from '../parts.ts'
import type { Release } from '../release.ts'
import { CLOSED_PATH, createClosedPage } from './closed-page.ts'
import { createAddress, createCertificate } from './domain.ts'
import { createFirewall } from './firewall.ts'
import { createHeaders } from './headers.ts'
import { createAccessLog } from './logs.ts'
import { createVpcOrigin } from './vpc-origin.ts'

interface Around {
  data: Data
  loadBalancing: LoadBalancing
  release: Release
}

/** CloudFront's managed policies, the same in every account: developer guide, "Use managed cache policies", "… origin request policies". */
const policies = {
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  cachingOptimized: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  allViewer: '216adef6-5c7f-47e4-b989-5492eafa07d3',
}

/** What is before the load balancer: CloudFront with TLS, headers, the cache of the page's files, and a page for when nothing runs. */
export function createEdge(stack: TerraformStack, plan: Plan, { data, loadBalancing, release }: Around): Edge {
  const name = `dayshift-${plan.name}`
  const vpcOriginId = createVpcOrigin(stack, plan, loadBalancing)
  const headers = createHeaders(stack, plan)
  const { assets } = data.buckets
  const accessControl = new CloudfrontOriginAccessControl(stack, 'closed-page-access', {
    name,
    originAccessControlOriginType: 's3',
    signingBehavior: 'always',
    signingProtocol: 'sigv4',
  })
  const webOrigin = (originId: string, route: string) => ({
    originId,
    domainName: loadBalancing.dnsName,
    customHeader: [{ name: ROUTE_HEADER, value: route }],
    connectionAttempts: 2,
    connectionTimeout: 5,
    vpcOriginConfig: {
      vpcOriginId,
      // The load balancer gives up after 60 s of silence, too. Event streams say something every 15 s.
      originReadTimeout: 60,
      originKeepaliveTimeout: 30,
    },
  })
  const fromBrowser = { viewerProtocolPolicy: 'redirect-to-https', responseHeadersPolicyId: headers }
  const [first, second] = coloursInUse(release)
  const distribution = new CloudfrontDistribution(stack, 'distribution', {
    enabled: true,
    comment: name,
    httpVersion: 'http2and3',
    isIpv6Enabled: true,
    ...(plan.domain && { aliases: [plan.domain.name] }),
    ...(plan.buys.waf && plan.production && { webAclId: createFirewall(stack, plan) }),
    origin: [
      webOrigin('web', plan.name),
      webOrigin('web-first', `${plan.name}-${first}`),
      webOrigin('web-second', `${plan.name}-${second}`),
      {
        originId: 'closed',
        domainName: assets.regionalDomainName,
        originAccessControlId: accessControl.id,
      },
    ],
    // A page of one colour asks for files that the other may not have: whoever does not have one, the other is asked.
    originGroup: [
      {
        originId: 'files',
        member: [{ originId: 'web-first' }, { originId: 'web-second' }],
        failoverCriteria: { statusCodes: [403, 404, 502, 503, 504] },
      },
    ],
    defaultCacheBehavior: {
      ...fromBrowser,
      targetOriginId: 'web',
      allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
      cachedMethods: ['GET', 'HEAD'],
      cachePolicyId: policies.cachingDisabled,
      originRequestPolicyId: policies.allViewer,
      // It would hold back event streams, and does nothing where nothing is cached.
      compress: false,
    },
    orderedCacheBehavior: [
      {
        ...fromBrowser,
        pathPattern: '/assets/*',
        targetOriginId: 'files',
        allowedMethods: ['GET', 'HEAD'],
        cachedMethods: ['GET', 'HEAD'],
        // As long as the web says, which is a year: the names carry a hash of the content.
        cachePolicyId: policies.cachingOptimized,
        compress: true,
      },
      {
        ...fromBrowser,
        pathPattern: CLOSED_PATH,
        targetOriginId: 'closed',
        allowedMethods: ['GET', 'HEAD'],
        cachedMethods: ['GET', 'HEAD'],
        cachePolicyId: policies.cachingOptimized,
        compress: true,
      },
    ],
    customErrorResponse: errorResponses,
    restrictions: {
      geoRestriction:
        plan.countries.length > 0
          ? { restrictionType: 'whitelist', locations: plan.countries }
          : { restrictionType: 'none' },
    },
    viewerCertificate: plan.domain
      ? {
          acmCertificateArn: createCertificate(stack, plan.domain),
          sslSupportMethod: 'sni-only',
          minimumProtocolVersion: 'TLSv1.2_2021',
        }
      : // With CloudFront's own certificate CloudFront sets the minimum itself, to TLSv1, and takes no other.
        { cloudfrontDefaultCertificate: true },
    tags: { Name: name },
  })
  createClosedPage(stack, plan, assets, distribution.arn)
  createAccessLog(stack, plan, { distributionArn: distribution.arn, logs: data.buckets.logs })
  if (plan.domain) createAddress(stack, plan.domain, distribution)
  return { distributionId: distribution.id, address: plan.domain?.name ?? distribution.domainName }
}

/** The two that may have traffic; without a former one, the colour that the next release takes. Their order does not change with a shift. */
function coloursInUse({ active, former }: Release): string[] {
  return [active, former ?? (active === 'blue' ? 'green' : 'blue')].sort()
}

/**
 * 503 is the load balancer's answer when no task runs. For people the page says when we open; programs see the same status without
 * the API's words. 502 and 504 stay as they are: they are also the API's own, about models, and must reach programs.
 * All else is here only so that no error is kept and given to the next one: CloudFront keeps these for 10 s, even against no-store.
 */
const errorResponses = [
  { errorCode: 503, responseCode: 503, responsePagePath: CLOSED_PATH, errorCachingMinTtl: 10 },
  ...[404, 414, 500, 501, 502, 504].map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
]
