import type { Plan } from '../src/environment.ts'
import { minutesAfterClosing, minutesBeforeOpening, outsideHours, readCron, readDays, type Strike } from './clock.ts'
import { type Rule, show, type Violation } from './rule.ts'
import { referred, refersTo, type Resource, type Subject, value } from './subject.ts'
import { containersOf, environmentOf } from './tasks.ts'

interface Timed {
  address: string
  timeZone: unknown
  expression: unknown
}

/** Everything that follows the clock. */
const timed = (subject: Subject): Timed[] => [
  ...subject.of('aws_appautoscaling_scheduled_action').map(({ address, attributes }) => ({
    address,
    timeZone: attributes.timezone,
    expression: attributes.schedule,
  })),
  ...subject.of('aws_scheduler_schedule').map(({ address, attributes }) => ({
    address,
    timeZone: attributes.schedule_expression_timezone,
    expression: attributes.schedule_expression,
  })),
  ...subject.of('aws_backup_plan').map(({ address, attributes }) => ({
    address,
    timeZone: value(attributes, 'rule.schedule_expression_timezone'),
    expression: value(attributes, 'rule.schedule'),
  })),
]

/** Actions of a scalable target: what opens, and what closes. */
function actionsOf(subject: Subject, target: Resource): { opens: Resource[]; closes: Resource[] } {
  const actions = subject
    .of('aws_appautoscaling_scheduled_action')
    .filter(({ attributes }) => refersTo(attributes.resource_id, target))
  const most = ({ attributes }: Resource): number => Number(value(attributes, 'scalable_target_action.max_capacity'))
  return { opens: actions.filter((action) => most(action) > 0), closes: actions.filter((action) => most(action) === 0) }
}

const LONGEST_AFTER_CLOSING = 60

function hoursOfTarget(subject: Subject, plan: Plan, target: Resource): Violation[] {
  const { address, attributes } = target
  const { opens, closes } = actionsOf(subject, target)
  const serves = Number(attributes.max_capacity) > 0
  const always = target.name.includes('worker') ? plan.buys.worker.always : plan.buys.web.always
  const { hours } = plan
  return [
    ...(serves && opens.length === 0
      ? [{ address, expected: `an action that opens before ${hours.from}`, came: 'nothing' }]
      : []),
    ...(closes.length === 0 && !(serves && always)
      ? [{ address, expected: `an action that closes after ${hours.to}`, came: 'nothing' }]
      : []),
    ...opens.flatMap((action) =>
      strikes(
        action,
        action.attributes.schedule,
        `0 to ${hours.warmUpMinutes} minutes before ${hours.from}`,
        (strike) => {
          const before = minutesBeforeOpening(strike, hours)
          return before !== undefined && before <= hours.warmUpMinutes
        },
      ),
    ),
    ...closes.flatMap((action) =>
      strikes(action, action.attributes.schedule, `at ${hours.to} or up to an hour later`, (strike) => {
        const after = minutesAfterClosing(strike, hours)
        return after !== undefined && after <= LONGEST_AFTER_CLOSING
      }),
    ),
  ]
}

function strikes(
  { address }: Resource,
  expression: unknown,
  expected: string,
  isRight: (strike: Strike) => boolean,
): Violation[] {
  const strike = readCron(expression)
  return strike && isRight(strike) ? [] : [{ address, expected, came: show(expression) }]
}

const LEAST_BEFORE_OPENING = 20

/** The database's own clock: calls of RDS by EventBridge Scheduler. */
function hoursOfDatabase(subject: Subject, plan: Plan, database: Resource): Violation[] {
  const calls = (call: string): Resource[] =>
    subject.of('aws_scheduler_schedule').filter(({ attributes }) => {
      const isCall = String(value(attributes, 'target.arn')).endsWith(`:rds:${call}`)
      return isCall && referred([database], value(attributes, 'target.input')).length > 0
    })
  const { hours } = plan
  const [starts, stops] = [calls('startDBInstance'), calls('stopDBInstance')]
  if (plan.buys.database.always && !plan.asleep) return []
  const { address } = database
  return [
    ...(starts.length === 0 && !plan.asleep
      ? [{ address, expected: 'a schedule that starts it', came: 'nothing' }]
      : []),
    ...(stops.length === 0 ? [{ address, expected: 'a schedule that stops it', came: 'nothing' }] : []),
    ...starts.flatMap((start) =>
      strikes(
        start,
        start.attributes.schedule_expression,
        `${LEAST_BEFORE_OPENING} minutes or more before ${hours.from}`,
        (strike) => (minutesBeforeOpening(strike, hours) ?? 0) >= LEAST_BEFORE_OPENING,
      ),
    ),
    ...stops.flatMap((stop) =>
      strikes(
        stop,
        stop.attributes.schedule_expression,
        `within an hour after ${hours.to}, when the tasks have stopped`,
        (strike) => {
          const after = minutesAfterClosing(strike, hours)
          // The tasks stop with closing and take up to two minutes.
          return after !== undefined && after > 2 && after <= LONGEST_AFTER_CLOSING
        },
      ),
    ),
  ]
}

export const scheduleRules: Rule[] = [
  {
    id: 'one-clock',
    says: 'Web, worker, database and backups follow the one schedule of the environment, in its one time zone.',
    sources: ['one value `hours` of the environment'],
    check: (subject, plan) => {
      if (!plan) return []
      const { hours } = plan
      return [
        ...timed(subject)
          .filter(({ timeZone }) => timeZone !== hours.timeZone)
          .map(({ address, timeZone }) => ({
            address,
            expected: `the time zone ${hours.timeZone}`,
            came: show(timeZone),
          })),
        ...containersOf(subject)
          .filter((container) => container.task.name === 'task-worker')
          .filter((container) => !followsHours(environmentOf(container).OPENING_HOURS, plan))
          .map((container) => ({
            address: container.task.address,
            expected: `OPENING_HOURS of ${hours.from}-${hours.to} ${hours.timeZone}`,
            came: show(environmentOf(container).OPENING_HOURS),
          })),
      ]
    },
  },
  {
    id: 'tasks-follow-hours',
    says: 'Tasks start within the warm-up before opening and stop within an hour after closing, where they do not run always.',
    sources: ['one value `hours` of the environment'],
    check: (subject, plan) =>
      plan
        ? [
            ...subject
              .of('aws_ecs_service')
              .filter(
                (service) =>
                  referred(
                    [service],
                    subject.of('aws_appautoscaling_target').map(({ attributes }) => attributes.resource_id),
                  ).length === 0,
              )
              .map(({ address }) => ({ address, expected: 'an aws_appautoscaling_target for it', came: 'nothing' })),
            ...subject.of('aws_appautoscaling_target').flatMap((target) => hoursOfTarget(subject, plan, target)),
          ]
        : [],
  },
  {
    id: 'database-follows-hours',
    says: 'A database that does not run always starts 20 minutes or more before opening and stops when the tasks have.',
    sources: ['docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html'],
    check: (subject, plan) =>
      plan ? subject.of('aws_db_instance').flatMap((database) => hoursOfDatabase(subject, plan, database)) : [],
  },
  {
    id: 'database-windows-in-hours',
    says: 'Backup and maintenance of the database lie within the running hours on every day of the year: a stopped one has neither.',
    sources: ['docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupWindow.html'],
    check: (subject, plan) =>
      plan
        ? subject.of('aws_db_instance').flatMap(({ address, attributes }) =>
            ['backup_window', 'maintenance_window'].flatMap((name) => {
              const outside = outsideHours(String(attributes[name]), plan.hours, new Date().getUTCFullYear())
              if (outside.length === 0) return []
              const expected = `${name} within ${plan.hours.from}-${plan.hours.to} ${plan.hours.timeZone} all year`
              return [{ address, expected, came: `${show(attributes[name])} UTC, outside on ${outside[0]}` }]
            }),
          )
        : [],
  },
]

function followsHours(text: string | undefined, { hours }: Plan): boolean {
  const [days = '', time, zone] = (text ?? '').split(' ')
  const isSame = [...readDays(days)].sort().join() === [...new Set(hours.days)].sort().join()
  return isSame && time === `${hours.from}-${hours.to}` && zone === hours.timeZone
}
