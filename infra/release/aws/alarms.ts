import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import type { Alarms, AlarmState } from '../ports.ts'

export function openAlarms(cloudWatch: CloudWatchClient): Alarms {
  return {
    states: async (names) => {
      // Without names it would answer with every alarm of the account.
      if (names.length === 0) return new Map()
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({
          AlarmNames: names,
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          MaxRecords: 100,
        }),
      )
      return new Map(
        [...MetricAlarms, ...CompositeAlarms].flatMap(({ AlarmName, StateValue }): [string, AlarmState][] =>
          AlarmName !== undefined && StateValue !== undefined ? [[AlarmName, StateValue]] : [],
        ),
      )
    },
  }
}
