import { parseArgs } from 'node:util'
import type { Images } from '../src/release.ts'

export const usage = `Usage: npm run release -- <command> [--env <name>]

  status                                     what runs, who has the traffic, which alarms are loud
  prepare --web <digest> --worker <digest>   puts a version into the free colour, without traffic
  migrate                                    runs its migration and waits for the end
  shift <percent> [<percent> …]              gives it so much of the traffic: 1, 10, 50, 90, 100; watches; goes back by itself
          [--watch-minutes <n>]              for how long each step is watched, 10 if not given
  rollback                                   all traffic back to who had it, in one apply
  wake, sleep                                starts or stops database and tasks; closing time stops them anyway
  smoke                                      asks from outside: /health, /ready, /sign-in
  apply                                      the release file as it is, after an interrupt or a change of the stacks
  pull                                       what is in AWS into the release file, before a release from a fresh checkout

Without --env it is production.`

const steps = [1, 10, 50, 90, 100] as const

export type Command =
  | { name: 'status' | 'migrate' | 'rollback' | 'wake' | 'sleep' | 'smoke' | 'apply' | 'pull' }
  | { name: 'prepare'; images: Images }
  | { name: 'shift'; percents: number[]; watchMinutes: number }

export interface Options {
  command: Command | 'help'
  environment: string
}

const plain = ['status', 'migrate', 'rollback', 'wake', 'sleep', 'smoke', 'apply', 'pull'] as const

/** Reads the command line. Throws with what was wrong and how the command is used. */
export function readOptions(args: string[], environments: string[]): Options {
  const { values, positionals } = parse(args)
  const { env: environment = 'production', help, ...given } = values
  if (help || (positionals.length === 0 && args.length === 0)) return { command: 'help', environment }
  if (!environments.includes(environment)) throw wrong(`--env ${environment}: expected ${environments.join(', ')}`)
  return { command: readCommand(positionals, given), environment }
}

type Given = Omit<ReturnType<typeof parse>['values'], 'env' | 'help'>

function readCommand([word, ...more]: string[], given: Given): Command {
  const allowed: Partial<Record<string, (keyof Given)[]>> = { prepare: ['web', 'worker'], shift: ['watch-minutes'] }
  const stray = (Object.keys(given) as (keyof Given)[]).find((option) => !allowed[word ?? '']?.includes(option))
  if (stray !== undefined) throw wrong(`${word ?? 'no command'} takes no --${stray}`)
  if (word === 'shift') return readShift(more, given['watch-minutes'])
  if (more.length > 0) throw wrong(`${word} takes no ${more.join(' ')}`)
  if (word === 'prepare')
    return { name: 'prepare', images: { web: digest('web', given), worker: digest('worker', given) } }
  const name = plain.find((known) => known === word)
  if (name === undefined) throw wrong(`${word ?? 'no command'}: expected ${[...plain, 'prepare', 'shift'].join(', ')}`)
  return { name }
}

function readShift(words: string[], minutes = '10'): Command {
  const percents = words.map(Number)
  const known: readonly number[] = steps
  if (percents.length === 0 || !percents.every((percent) => known.includes(percent)))
    throw wrong(`shift ${words.join(' ')}: expected one or more of ${steps.join(', ')}`)
  if (percents.some((percent, index) => index > 0 && percent <= percents[index - 1]!))
    throw wrong(`shift ${words.join(' ')}: expected steps upwards`)
  if (!/^\d{1,3}$/.test(minutes)) throw wrong(`--watch-minutes ${minutes}: expected whole minutes`)
  return { name: 'shift', percents, watchMinutes: Number(minutes) }
}

function digest(name: 'web' | 'worker', given: Given): string {
  const came = given[name]
  if (came !== undefined && /^sha256:[0-9a-f]{64}$/.test(came)) return came
  throw wrong(`--${name} ${came ?? 'is missing'}: expected sha256: and 64 hexadecimal digits, as the registry says it`)
}

const wrong = (reason: string): Error => new Error(`${reason}.\n\n${usage}`)

function parse(args: string[]) {
  const text = { type: 'string' } as const
  const options = { env: text, web: text, worker: text, 'watch-minutes': text, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw wrong(error instanceof Error ? error.message.split('. ')[0]! : String(error))
  }
}
