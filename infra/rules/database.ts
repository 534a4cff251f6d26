import { type Rule, show } from './rule.ts'
import { each, needed, referred, type Resource, type Subject, values } from './subject.ts'

const databases = (subject: Subject): Resource[] => subject.of('aws_db_instance')

/** What the instance's parameter group sets a parameter to. */
function parameter(subject: Subject, database: Resource, name: string): string | undefined {
  const groups = referred(subject.of('aws_db_parameter_group'), database.attributes.parameter_group_name)
  const set = groups.flatMap(({ attributes }) => values(attributes, 'parameter')) as { name: string; value: string }[]
  return set.find((each) => each.name === name)?.value
}

const withParameter = (subject: Subject, name: string, isRight: (value: string) => boolean, expected: string) =>
  databases(subject)
    .map((database) => ({ database, set: parameter(subject, database, name) }))
    .filter(({ set }) => set === undefined || !isRight(set))
    .map(({ database: { address }, set }) => ({
      address,
      expected: `parameter ${name} = ${expected}`,
      came: show(set),
    }))

export const databaseRules: Rule[] = [
  {
    id: 'database-encrypted',
    number: 14,
    says: 'The database is encrypted at rest.',
    sources: ['CKV_AWS_16', 'AWS-0080'],
    check: (subject, plan) => [
      ...(plan ? needed(subject, 'aws_db_instance', 'a database') : []),
      ...each(databases(subject), 'storage_encrypted', true),
    ],
  },
  {
    id: 'database-private',
    number: 15,
    says: 'The database has no address in the internet.',
    sources: ['CKV_AWS_17', 'AWS-0180'],
    check: (subject) => each(databases(subject), 'publicly_accessible', false),
  },
  {
    id: 'database-backups',
    number: 16,
    says: 'Backups of the database are kept for 7 days or longer.',
    sources: ['CKV_AWS_133', 'AWS-0077'],
    check: (subject) =>
      databases(subject)
        .filter(({ attributes }) => !(Number(attributes.backup_retention_period) >= 7))
        .map(({ address, attributes }) => ({
          address,
          expected: 'backup_retention_period >= 7',
          came: show(attributes.backup_retention_period),
        })),
  },
  {
    id: 'database-kept',
    number: 17,
    says: 'In production the database is protected from deletion and leaves a snapshot.',
    sources: ['CKV_AWS_293', 'AWS-0177'],
    check: (subject, plan) =>
      plan?.production
        ? [
            ...each(databases(subject), 'deletion_protection', true),
            ...each(databases(subject), 'skip_final_snapshot', false),
          ]
        : [],
  },
  {
    id: 'database-tls',
    number: 18,
    says: 'The database takes no connection without TLS.',
    sources: ['CKV2_AWS_69'],
    check: (subject) => withParameter(subject, 'rds.force_ssl', (set) => set === '1', '1'),
  },
  {
    id: 'database-logs',
    number: 19,
    says: 'The database exports its log, with changes of the schema and slow queries.',
    sources: ['CKV_AWS_129', 'CKV2_AWS_30'],
    check: (subject) => [
      ...databases(subject)
        .filter(({ attributes }) => !values(attributes, 'enabled_cloudwatch_logs_exports').includes('postgresql'))
        .map(({ address, attributes }) => ({
          address,
          expected: 'enabled_cloudwatch_logs_exports with postgresql',
          came: show(attributes.enabled_cloudwatch_logs_exports),
        })),
      ...withParameter(subject, 'log_statement', (set) => ['ddl', 'mod', 'all'].includes(set), 'ddl'),
      ...withParameter(subject, 'log_min_duration_statement', (set) => Number(set) >= 0, '0 or more milliseconds'),
    ],
  },
  {
    id: 'database-minor-versions',
    number: 20,
    says: 'The database takes minor versions by itself, and its snapshots take its tags.',
    sources: ['CKV_AWS_226', 'CKV2_AWS_60'],
    check: (subject) => [
      ...each(databases(subject), 'auto_minor_version_upgrade', true),
      ...each(databases(subject), 'copy_tags_to_snapshot', true),
    ],
  },
  {
    id: 'database-two-zones',
    number: 21,
    says: 'In the profile ha the database stands in two zones.',
    sources: ['CKV_AWS_157'],
    check: (subject, plan) =>
      plan?.production && plan.profile === 'ha' ? each(databases(subject), 'multi_az', true) : [],
  },
  {
    id: 'database-iam',
    number: 22,
    says: 'People and programs sign in to the database by IAM.',
    sources: ['CKV_AWS_161', 'AWS-0176'],
    check: (subject) => each(databases(subject), 'iam_database_authentication_enabled', true),
  },
  {
    id: 'database-insights',
    number: 23,
    says: 'Performance Insights watches the database.',
    sources: ['CKV_AWS_353', 'AWS-0133'],
    check: (subject) => each(databases(subject), 'performance_insights_enabled', true),
  },
]
