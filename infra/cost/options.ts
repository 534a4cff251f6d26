import { parseArgs } from 'node:util'
import { type ProfileName, profileNames } from './estimate.ts'

export const usage = `Usage: npm run cost [-- options]

  (no option)           all profiles side by side, production and sleeping staging together, against their limits
  --profile <name>      every line in one profile of production: ${profileNames.join(', ')}
  --env <name>          of one environment only; without --profile in the profile that production has
  --plan <file>         takes the resources of --env from a plan, as terraform show -json prints it
  --json                one JSON object
  --save                writes the price into infra/cost/last.json and docs/cost.md, for the commit`

export interface Options {
  profile: ProfileName | undefined
  environment: string | undefined
  plan: string | undefined
  json: boolean
  save: boolean
  help: boolean
}

/** Reads the command line. Throws with what was wrong and how the command is used. */
export function readOptions(args: string[], environments: string[]): Options {
  const { profile, env, plan, json, save, help } = parse(args)
  const known = profileNames.find((name) => name === profile)
  if (profile !== undefined && !known) throw wrong(`--profile ${profile}: expected ${profileNames.join(', ')}`)
  if (env !== undefined && !environments.includes(env)) throw wrong(`--env ${env}: expected ${environments.join(', ')}`)
  if (plan !== undefined && env === undefined) throw wrong('--plan needs --env, whose plan it is')
  return { profile: known, environment: env, plan, json, save, help }
}

const wrong = (reason: string): Error => new Error(`${reason}.\n\n${usage}`)

function parse(args: string[]) {
  const flag = { type: 'boolean', default: false } as const
  const text = { type: 'string' } as const
  const options = { profile: text, env: text, plan: text, json: flag, save: flag, help: flag }
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    throw wrong(error instanceof Error ? error.message.split('. ')[0]! : String(error))
  }
}
