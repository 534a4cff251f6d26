import {
  type ApplicationAutoScalingClient,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import type { Capacity } from '../ports.ts'

/** The bounds that the clock also moves. Terraform leaves them as they are. */
export function openCapacity(scaling: ApplicationAutoScalingClient, environment: string): Capacity {
  const cluster = `dayshift-${environment}`
  return {
    setBounds: async (service, { min, max }) => {
      await scaling.send(
        new RegisterScalableTargetCommand({
          ServiceNamespace: 'ecs',
          ScalableDimension: 'ecs:service:DesiredCount',
          ResourceId: `service/${cluster}/${cluster}-${service}`,
          MinCapacity: min,
          MaxCapacity: max,
        }),
      )
    },
  }
}
