type OneOrMore = string | string[]

/** One statement of a policy, spelled as AWS spells it. */
export interface Statement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | Record<'AWS' | 'Service' | 'Federated', OneOrMore> | Record<string, OneOrMore>
  Action?: OneOrMore
  NotAction?: OneOrMore
  Resource?: OneOrMore
  NotResource?: OneOrMore
  Condition?: Record<string, Record<string, OneOrMore>>
}

/** A policy document: of a role, a bucket, a key, an endpoint. */
export const policyDocument = (statements: Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** Nobody reaches a bucket without TLS. */
export const tlsOnly = (bucketArn: string): Statement => ({
  Sid: 'OnlyByTls',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [bucketArn, `${bucketArn}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
})
