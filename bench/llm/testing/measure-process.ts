import { measures, openBench } from '../measures.ts'
import type { MeasureName, Setting } from '../measures.ts'

export interface Order {
  measure: MeasureName
  setting: Setting
}

process.once('message', (message) => {
  const { measure, setting } = message as Order
  measures[measure](openBench(setting)).then(
    (figures) => process.send?.(figures, () => process.disconnect()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
