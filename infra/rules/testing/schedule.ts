import { type Break, type On, sets, without } from './broken.ts'

const route = 'aws_lb_listener_rule.route'
const weights = 'action.0.forward.target_group'
const database = 'aws_db_instance.database'
const act = (name: string): string => `aws_appautoscaling_scheduled_action.scaling-${name}`
const call = (name: string): string => `aws_scheduler_schedule.clock-database-${name}`

const openingHours = (value: string): Break => ({
  rule: 'one-clock',
  what: `OPENING_HOURS = ${value}`,
  mutate: ({ container }) =>
    container('task-worker', ({ environment }) => {
      const found = (environment as { name: string; value: string }[]).find(({ name }) => name === 'OPENING_HOURS')
      found!.value = value
    }),
})

const cron = (rule: string, address: string, schedule: string, on: On = 'economy'): Break =>
  sets(rule, address, address.startsWith('aws_scheduler') ? 'schedule_expression' : 'schedule', schedule, on)

/** The hours of the environments are Monday to Friday, 08:00 to 18:00 in Berlin, with 30 minutes to warm up. */
export const scheduleBreaks: Break[] = [
  sets('one-clock', act('web-blue-open'), 'timezone', 'UTC'),
  sets('one-clock', call('start'), 'schedule_expression_timezone', undefined, 'economy'),
  sets('one-clock', 'aws_backup_plan.backup-plan', 'rule.0.schedule_expression_timezone', 'UTC'),
  openingHours('Mon-Fri 09:00-18:00 Europe/Berlin'),
  openingHours('Mon-Sun 08:00-18:00 Europe/Berlin'),
  cron('tasks-follow-hours', act('web-blue-open'), 'cron(0 9 ? * MON,TUE,WED,THU,FRI *)'),
  cron('tasks-follow-hours', act('web-blue-open'), 'cron(50 7 ? * MON,TUE,WED,THU *)'),
  cron('tasks-follow-hours', act('web-blue-open'), 'cron(50 7 * * ? *)'),
  cron('tasks-follow-hours', act('worker-close'), 'cron(0 17 * * ? *)'),
  cron('tasks-follow-hours', act('worker-close'), 'cron(0 23 * * ? *)'),
  cron('tasks-follow-hours', act('worker-close'), 'rate(1 day)', 'lodger'),
  without('tasks-follow-hours', act('worker-open'), 'economy'),
  without('tasks-follow-hours', act('worker-close'), 'economy'),
  cron('database-follows-hours', call('start'), 'cron(41 7 ? * MON,TUE,WED,THU,FRI *)'),
  cron('database-follows-hours', call('stop'), 'cron(0 18 * * ? *)'),
  cron('database-follows-hours', call('stop'), 'cron(30 17 * * ? *)', 'lodger'),
  cron('database-follows-hours', call('stop'), 'cron(10 18 ? * MON,TUE,WED,THU *)'),
  without('database-follows-hours', call('start'), 'economy'),
  without('database-follows-hours', call('stop'), 'lodger'),
  // In Berlin 04:00 UTC is 05:00 or 06:00; 16:30 to 17:00 UTC is before closing in winter and after it in summer.
  sets('database-windows-in-hours', database, 'backup_window', '04:00-04:30'),
  sets('database-windows-in-hours', database, 'backup_window', '16:30-17:00'),
  sets('database-windows-in-hours', database, 'backup_window', undefined),
  sets('database-windows-in-hours', database, 'maintenance_window', 'sun:12:00-sun:12:30'),
  sets('database-windows-in-hours', database, 'maintenance_window', 'fri:16:15-fri:16:45'),
  sets('weights-sum-to-100', route, `${weights}.0.weight`, 90),
  sets('weights-sum-to-100', route, `${weights}.0.weight`, 90, 'lodger'),
  {
    rule: 'weight-needs-image',
    what: 'traffic for a colour without an image',
    mutate: ({ inside }) => {
      inside('aws_lb_listener_rule', 'route', `${weights}.0`).weight = 90
      inside('aws_lb_listener_rule', 'route', `${weights}.1`).weight = 10
    },
  },
]
