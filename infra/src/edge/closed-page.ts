import { S3BucketPolicy, S3Object, type TerraformStack } from '../aws.ts'
import type { Plan } from '../environment.ts'
import type { Bucket } from '../parts.ts'
import { policyDocument, tlsOnly } from '../policy.ts'
import { openingHoursSentence } from '../schedule.ts'

export const CLOSED_PATH = '/closed.html'

/** The page that CloudFront gives while nothing runs, in a bucket that this distribution alone may read. */
export function createClosedPage(stack: TerraformStack, plan: Plan, assets: Bucket, distributionArn: string): void {
  new S3BucketPolicy(stack, 'closed-page-policy', {
    bucket: assets.name,
    policy: policyDocument([
      tlsOnly(assets.arn),
      {
        Sid: 'ThisDistribution',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: `${assets.arn}/*`,
        Condition: { StringEquals: { 'aws:SourceArn': distributionArn } },
      },
    ]),
  })
  new S3Object(stack, 'closed-page', {
    bucket: assets.name,
    key: CLOSED_PATH.slice(1),
    content: closedPage(plan),
    contentType: 'text/html; charset=utf-8',
    // Of CloudFront's copy and the browser's: a page that outlives the night would tell of a closed house that is open.
    cacheControl: 'public, max-age=60',
    tags: { Name: `dayshift-${plan.name}-closed` },
  })
}

/** Of one piece: nothing else answers at that hour. */
export function closedPage({ hours, asleep }: Plan): string {
  const when = asleep ? 'It is started by hand when it is needed.' : `It is open ${openingHoursSentence(hours)}.`
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta name="robots" content="noindex" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
    <title>Dayshift is closed</title>
    <style>
      :root { color-scheme: light dark; }
      body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto 0; padding: 0 1rem; }
    </style>
  </head>
  <body>
    <main>
      <h1>${asleep ? 'Dayshift is asleep' : `We open at ${hours.from}`}</h1>
      <p>Dayshift does not run at the moment. ${when}</p>
      <p>Nothing is lost: your work is there when you come back. If it should be open now, try again in a minute.</p>
    </main>
  </body>
</html>
`
}
