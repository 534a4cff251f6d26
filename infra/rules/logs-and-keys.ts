import { type Rule, show } from './rule.ts'
import { containersOf } from './tasks.ts'
import { each, needed, referred, refersTo, type Resource, type Subject, value, values } from './subject.ts'

/** Logs that RDS would else make itself, without an end: the group must be there before the instance. */
const databaseLogs = (subject: Subject): { database: Resource; log: string }[] =>
  subject
    .of('aws_db_instance')
    .flatMap((database) =>
      values(database.attributes, 'enabled_cloudwatch_logs_exports').map((log) => ({ database, log: String(log) })),
    )

const hasGroup = (subject: Subject, name: string): boolean =>
  subject.of('aws_cloudwatch_log_group').some(({ attributes }) => attributes.name === name)

const WRITE_ONLY: Record<string, { clear: string[]; kept: string[] }> = {
  aws_secretsmanager_secret_version: { clear: ['secret_string', 'secret_binary'], kept: ['secret_string_wo'] },
  aws_db_instance: { clear: ['password'], kept: ['manage_master_user_password', 'password_wo'] },
  aws_elasticache_replication_group: { clear: ['auth_token'], kept: [] },
  aws_elasticache_user: { clear: ['passwords', 'authentication_mode.passwords'], kept: [] },
  random_password: { clear: ['length'], kept: [] },
  tls_private_key: { clear: ['algorithm'], kept: [] },
  aws_iam_access_key: { clear: ['user'], kept: [] },
}

export const logAndKeyRules: Rule[] = [
  {
    id: 'logs-end',
    number: 42,
    says: 'Every log is kept for a number of days, and every container and database has its log in the stack.',
    sources: ['CKV_AWS_66', 'AWS-0017'],
    check: (subject) => [
      ...subject
        .of('aws_cloudwatch_log_group')
        .filter(({ attributes }) => !(Number(attributes.retention_in_days) > 0))
        .map(({ address, attributes }) => ({
          address,
          expected: 'retention_in_days',
          came: show(attributes.retention_in_days),
        })),
      ...containersOf(subject)
        .filter(({ definition }) => {
          const group = value(definition, 'logConfiguration.options.awslogs-group')
          return (
            referred(subject.of('aws_cloudwatch_log_group'), group).length === 0 && !hasGroup(subject, String(group))
          )
        })
        .map(({ task: { address }, name, definition }) => ({
          address,
          expected: `awslogs-group of this stack in ${name}`,
          came: show(value(definition, 'logConfiguration.options.awslogs-group')),
        })),
      ...databaseLogs(subject)
        .map(({ database, log }) => ({
          database,
          group: `/aws/rds/instance/${show(database.attributes.identifier)}/${log}`,
        }))
        .filter(({ group }) => !hasGroup(subject, group))
        .map(({ database: { address }, group }) => ({ address, expected: `the log group ${group}`, came: 'nothing' })),
    ],
  },
  {
    id: 'images-fixed',
    number: 43,
    says: 'A tag in the registry never means another image, and every image is scanned.',
    sources: ['CKV_AWS_51', 'CKV_AWS_163', 'AWS-0031', 'AWS-0030'],
    check: (subject) => [
      ...each(subject.of('aws_ecr_repository'), 'image_tag_mutability', 'IMMUTABLE'),
      ...each(subject.of('aws_ecr_repository'), 'image_scanning_configuration.scan_on_push', true),
    ],
  },
  {
    id: 'keys-rotate',
    number: 44,
    says: 'Keys of our own rotate by themselves, and are there where the environment has them.',
    sources: ['CKV_AWS_7', 'AWS-0065'],
    check: (subject, plan) => [
      ...(plan?.ownKey ? needed(subject, 'aws_kms_key', 'a key of our own') : []),
      ...each(subject.of('aws_kms_key'), 'enable_key_rotation', true),
    ],
  },
  {
    id: 'topics-encrypted',
    number: 45,
    says: 'Topics are encrypted at rest.',
    sources: ['CKV_AWS_26', 'AWS-0095'],
    check: (subject) =>
      subject
        .of('aws_sns_topic')
        .filter(({ attributes }) => !attributes.kms_master_key_id)
        .map(({ address }) => ({ address, expected: 'kms_master_key_id', came: 'nothing' })),
  },
  {
    id: 'secrets-rotate',
    number: 48,
    says: 'Secrets rotate within 90 days.',
    sources: ['CKV_AWS_304'],
    check: (subject) =>
      subject.of('aws_secretsmanager_secret').flatMap((secret) => {
        const rotation = subject
          .of('aws_secretsmanager_secret_rotation')
          .find(({ attributes }) => refersTo(attributes.secret_id, secret))
        const days = value(rotation?.attributes, 'rotation_rules.automatically_after_days')
        if (Number(days) <= 90) return []
        return [{ address: secret.address, expected: 'a rotation within 90 days', came: show(days) }]
      }),
  },
  {
    id: 'no-secret-in-state',
    says: 'Terraform keeps no secret: it passes ephemeral values into write-only arguments.',
    sources: ['developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only'],
    check: (subject) =>
      Object.entries(WRITE_ONLY).flatMap(([type, { clear, kept }]) =>
        subject.of(type).flatMap(({ address, attributes }) => {
          const found = clear.filter((name) => values(attributes, name).length > 0)
          if (found.length > 0)
            return [
              { address, expected: kept.length > 0 ? kept.join(' or ') : 'no secret here', came: found.join(', ') },
            ]
          const isKept = kept.length === 0 || kept.some((name) => values(attributes, name).length > 0)
          return isKept ? [] : [{ address, expected: kept.join(' or '), came: 'nothing' }]
        }),
      ),
  },
]
