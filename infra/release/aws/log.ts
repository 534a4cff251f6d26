import { type CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import type { Log } from '../ports.ts'

export function openLog(logs: CloudWatchLogsClient): Log {
  return {
    tail: async (logGroupName, logStreamName, limit) => {
      const { events = [] } = await logs.send(
        new GetLogEventsCommand({ logGroupName, logStreamName, limit, startFromHead: false }),
      )
      return events.flatMap(({ message }) => (message === undefined ? [] : [message.trimEnd()]))
    },
  }
}
