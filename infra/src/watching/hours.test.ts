import { describe, expect, test } from 'vitest'
import { environmentOf, released, shifted } from '../testing/environment.ts'
import { planOf } from '../testing/foundation.ts'
import { goesOff, type World } from './testing/alarm-states.ts'
import { evaluate } from './testing/metric-math.ts'
import { onlyInHours } from './in-hours.ts'

const economy = environmentOf(released, 'production', 'economy')
const alarms = Object.entries(economy.all('aws_cloudwatch_metric_alarm'))
const alarm = (name: string, stack = economy) => stack.get('aws_cloudwatch_metric_alarm', `alarm-${name}`)

/** Minutes after midnight, and the day, in Berlin: from Intl, not from the code that makes the expressions. */
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Berlin',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const hoursSeen = new Map<number, { workday: boolean; minute: number }>()
function berlin(at: Date): { workday: boolean; minute: number } {
  // Its offset changes at full hours of UTC.
  const hour = Math.floor(at.getTime() / 3_600_000)
  const seen = hoursSeen.get(hour) ?? readClock(new Date(hour * 3_600_000))
  hoursSeen.set(hour, seen)
  return { ...seen, minute: seen.minute + at.getUTCMinutes() }
}
function readClock(at: Date) {
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]))
  return { workday: !parts.weekday!.startsWith('S'), minute: Number(parts.hour) * 60 + Number(parts.minute) }
}
const runsBetween = (first: number, last: number) => (at: Date) => {
  const { workday, minute } = berlin(at)
  return workday && minute >= first && minute < last
}
const tasksRun = runsBetween(7 * 60 + 50, 18 * 60)
const databaseRuns = runsBetween(7 * 60 + 30, 18 * 60 + 10)
const isBackupTime = (at: Date) => at.getUTCHours() === 14 && at.getUTCMinutes() === 40 && berlin(at).workday

/** Production as it is on a day on which nothing happens: silent when it is closed, and busy with last night's job when it opens. */
const quiet: World = ({ namespace, metric_name: name, stat }, from, to) => {
  if (namespace === 'AWS/ElastiCache') return 20
  if (namespace === 'AWS/Events') {
    for (let at = from.getTime(); at < to.getTime(); at += 60_000) if (isBackupTime(new Date(at))) return 1
    return undefined
  }
  if (namespace === 'AWS/RDS') {
    if (!databaseRuns(from)) return undefined
    return { CPUUtilization: 30, FreeStorageSpace: 15e9, DatabaseConnections: 20 }[name]
  }
  if (!tasksRun(from)) return undefined
  const { minute } = berlin(from)
  const sinceOpening = Math.max(0, minute - 8 * 60) * 60
  switch (name) {
    case 'HTTPCode_Target_5XX_Count':
      return undefined
    case 'TargetResponseTime':
      return stat === 'SampleCount' ? 60 : 0.4
    case 'UnHealthyHostCount':
      return 0
    case 'HealthyHostCount':
      return 1
    case 'QueueAgeSeconds':
      return minute < 8 * 60 ? 14 * 3600 : 20
    case 'SourceCheckAgeSeconds':
      return sinceOpening % 1800
    case 'DeadJobs':
      return 0
    default:
      return 40
  }
}
const without =
  (name: string, whileAt: (at: Date) => boolean = () => true): World =>
  (metric, from, to) =>
    metric.metric_name === name && whileAt(from) ? undefined : quiet(metric, from, to)
const with_ =
  (name: string, value: number): World =>
  (metric, from, to) =>
    metric.metric_name === name && quiet(metric, from, to) !== undefined ? value : quiet(metric, from, to)

const seasons = [
  ['winter', '2027-01-11T00:00:00Z', '2027-01-25T00:00:00Z'],
  ['summer', '2027-07-12T00:00:00Z', '2027-07-26T00:00:00Z'],
  ['the change to summer time', '2027-03-22T00:00:00Z', '2027-04-05T00:00:00Z'],
  ['the change to winter time', '2027-10-25T00:00:00Z', '2027-11-08T00:00:00Z'],
] as const
/** CloudWatch may begin its periods at other minutes than we think of. */
const offsetsMinutes = (alarmName: unknown): number[] => {
  if (alarmName === 'dayshift-production-backup-missing') return Array.from({ length: 24 }, (_, hour) => hour * 60)
  return alarmName === 'dayshift-production-source-checks' ? [0, 5] : [0]
}

describe.each(seasons)('in %s', (_, from, to) => {
  const [begin, end] = [new Date(from), new Date(to)]
  const later = (minutes: number) => new Date(begin.getTime() + minutes * 60_000)

  test.each(alarms)('%s says nothing at night, at weekends, at opening and in quiet hours', (_name, attributes) => {
    for (const minutes of offsetsMinutes(attributes.alarm_name))
      expect(goesOff(attributes, quiet, later(minutes), end).map((at) => at.toISOString())).toEqual([])
  })

  test.each([
    ['source-checks', 'SourceCheckAgeSeconds', 30],
    ['web-missing', 'HealthyHostCount', 15],
  ])('%s goes off once a day, %s missing, within an hour and %d minutes of opening', (name, metric, minutes) => {
    const times = goesOff(alarm(name), without(metric), begin, end)
    expect(times).toHaveLength(10)
    for (const at of times) {
      expect(berlin(at).workday).toBe(true)
      expect(berlin(at).minute).toBeGreaterThanOrEqual(8 * 60 + minutes)
      expect(berlin(at).minute).toBeLessThanOrEqual(9 * 60 + minutes)
    }
  })

  test('no check for two hours is told when the two hours are over', () => {
    const stuck: World = (metric, start, stop) =>
      metric.metric_name === 'SourceCheckAgeSeconds' && tasksRun(start)
        ? Math.max(0, berlin(start).minute - 8 * 60) * 60
        : quiet(metric, start, stop)
    const times = goesOff(alarm('source-checks'), stuck, begin, end)
    expect(times).toHaveLength(10)
    // At ten, and up to a period later.
    for (const at of times) expect(berlin(at).minute).toBeGreaterThanOrEqual(10 * 60)
    for (const at of times) expect(berlin(at).minute).toBeLessThanOrEqual(10 * 60 + 10)
  })
})

describe('in a working week', () => {
  const [begin, end] = [new Date('2027-07-12T00:00:00Z'), new Date('2027-07-17T00:00:00Z')]
  const times = (name: string, world: World) => goesOff(alarm(name), world, begin, end)

  test.each([
    ['dead-jobs', 'DeadJobs', 3],
    ['model-budget', 'BudgetUsedPercent', 85],
    ['database-storage', 'FreeStorageSpace', 2e9],
  ])('%s is told once, not each morning', (name, metric, value) => {
    expect(times(name, with_(metric, value))).toHaveLength(1)
  })

  test.each([
    ['cpu', 'CPUUtilization', 95],
    ['memory', 'MemoryUtilization', 95],
    ['queue-age', 'QueueAgeSeconds', 2000],
    ['web-latency', 'TargetResponseTime', 31],
    ['web-unhealthy', 'UnHealthyHostCount', 1],
  ])('%s is told on each day on which it is so', (name, metric, value) => {
    expect(times(name, with_(metric, value))).toHaveLength(5)
  })

  test.each([
    ['queue-age', 'QueueAgeSeconds'],
    ['source-checks', 'SourceCheckAgeSeconds'],
  ])('%s forgives what has waited long and is taken within the period', (name, metric) => {
    const taken: World = (watched, from, to) =>
      watched.metric_name === metric && tasksRun(from)
        ? { Minimum: 20, Average: 4000, Maximum: 8000 }[watched.stat]
        : quiet(watched, from, to)
    expect(times(name, taken)).toEqual([])
  })

  test('slow answers among few requests are forgiven', () => {
    expect(times('web-latency', with_('TargetResponseTime', 29))).toEqual([])
  })

  test('a single bad minute is forgiven', () => {
    const once: World = (metric, from, to) =>
      metric.metric_name === 'HTTPCode_Target_5XX_Count' && berlin(from).minute === 600 ? 50 : quiet(metric, from, to)
    expect(times('web-errors', once)).toEqual([])
    const twice: World = (metric, from, to) =>
      metric.metric_name === 'HTTPCode_Target_5XX_Count' && [600, 602].includes(berlin(from).minute)
        ? 11
        : quiet(metric, from, to)
    expect(times('web-errors', twice)).toHaveLength(5)
  })
})

describe('a missing backup', () => {
  const days = (changes: Parameters<typeof planOf>[2], profile: 'economy' | 'standard' = 'economy') =>
    environmentOf(released, 'production', profile, changes).all('aws_cloudwatch_metric_alarm')['alarm-backup-missing']
      ?.evaluation_periods
  const hours = planOf('production', 'economy').hours

  test('is told after the longest pause and a day', () => {
    expect(days({})).toBe(4)
    expect(days({ hours: { ...hours, days: ['Mon', 'Thu'] } })).toBe(5)
    // It runs on Sundays, too.
    expect(days({}, 'standard')).toBe(2)
  })

  test('is not watched where that would be longer than CloudWatch looks back', () => {
    expect(days({ hours: { ...hours, days: ['Wed'] } })).toBeUndefined()
  })

  test('is told on the fourth day', () => {
    const none = without('TriggeredRules', (at) => at >= new Date('2027-01-18T00:00:00Z'))
    const times = goesOff(
      alarm('backup-missing'),
      none,
      new Date('2027-01-11T00:00:00Z'),
      new Date('2027-01-25T00:00:00Z'),
    )
    // The last one was on Friday the 15th.
    expect(times.map((at) => at.toISOString())).toEqual(['2027-01-20T00:00:00.000Z'])
  })
})

describe('where it is open day and night', () => {
  const ha = environmentOf(shifted(50), 'production', 'ha')
  const times = (name: string, world: World) =>
    goesOff(alarm(name, ha), world, new Date('2027-01-16T00:00:00Z'), new Date('2027-01-17T00:00:00Z'))

  test('silence is an alarm on Saturdays, too', () => {
    expect(times('source-checks', () => undefined).map((at) => at.toISOString())).toEqual(['2027-01-16T00:30:00.000Z'])
    expect(times('source-checks', () => 0)).toEqual([])
  })

  test('each colour with traffic needs a healthy task', () => {
    const green = '${aws_lb_target_group.targets-green.arn_suffix}'
    expect(times('web-missing', () => 2)).toEqual([])
    expect(times('web-missing', ({ dimensions }) => (dimensions.TargetGroup === green ? 0 : 2))).toHaveLength(1)
  })
})

describe('an expression for the hours', () => {
  const open = (zone: string, from: string, to: string) => {
    const hours = { timeZone: zone, days: ['Mon' as const, 'Sun' as const], from, to, warmUpMinutes: 30 }
    const expression = onlyInHours(hours, 'm', 'm', 0)
    return (at: string) => evaluate(expression, { m: 1 }, new Date(at)) === 1
  }

  test.each([
    // Tokyo, UTC+9: Monday 08:00 is Sunday 23:00.
    [
      'Asia/Tokyo',
      '08:00',
      '18:00',
      '2027-06-06T23:00Z',
      '2027-06-06T22:59Z',
      '2027-06-07T08:59Z',
      '2027-06-07T09:00Z',
    ],
    // Kolkata, UTC+5:30.
    [
      'Asia/Kolkata',
      '09:15',
      '17:45',
      '2027-06-07T03:45Z',
      '2027-06-07T03:44Z',
      '2027-06-07T12:14Z',
      '2027-06-07T12:15Z',
    ],
    // Auckland, UTC+12 and +13: what is open in both is 09:00 to 17:00 at +12, Sunday 21:00 to Monday 04:00.
    [
      'Pacific/Auckland',
      '09:00',
      '17:00',
      '2027-06-06T21:00Z',
      '2027-06-06T20:59Z',
      '2027-06-07T03:59Z',
      '2027-06-07T04:00Z',
    ],
    // New York, UTC-5 and -4: 08:00 at -5, 22:00 at -4; the evening is on Tuesday in UTC.
    [
      'America/New_York',
      '08:00',
      '22:00',
      '2027-06-07T13:00Z',
      '2027-06-07T12:59Z',
      '2027-06-08T01:59Z',
      '2027-06-08T02:00Z',
    ],
  ])('in %s, open from %s to %s, is right at both ends', (zone, from, to, first, before, last, after) => {
    const isOpen = open(zone, from, to)
    expect([first, before, last, after].map(isOpen)).toEqual([true, false, true, false])
  })

  test('leaves a missing value missing, where the other order of the branches would make it 0', () => {
    const { hours } = planOf('production', 'economy')
    const noon = new Date('2027-06-07T12:00Z')
    expect(evaluate(onlyInHours(hours, 'm', 'm', 0), { m: undefined }, noon)).toBeUndefined()
    expect(evaluate(`IF(HOUR(m) == 12, m, 0)`, { m: undefined }, noon)).toBe(0)
    // Of the alarms, silence is moreover a bad value of its own.
    const { metric_query: queries } = alarm('source-checks') as { metric_query: { expression?: string }[] }
    expect(evaluate(queries.at(-1)!.expression!, { age: undefined }, noon)).toBe(86_400)
  })

  test('fits into what CloudWatch takes', () => {
    const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
    const hours = { timeZone: 'Asia/Tokyo', days: [...days], from: '07:45', to: '19:15', warmUpMinutes: 30 }
    expect(onlyInHours(hours, 'age', 'FILL(age, 86400)', 0).length).toBeLessThan(1024)
  })
})
