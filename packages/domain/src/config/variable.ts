import { z } from 'zod'

export type Reader = 'web' | 'worker' | 'migrate' | 'cli' | 'compose'

export const web = 'web'
export const worker = 'worker'
export const migrate = 'migrate'
/** `npm start` and the operator's commands. */
export const cli = 'cli'
/** docker-compose.yml, and what it starts beside us. */
export const compose = 'compose'
export const always: Reader[] = [web, worker, migrate, cli]

export interface About {
  readBy: Reader[]
  /** One line of Markdown. */
  meaning: string
}

const abouts = z.registry<About>()

/** Says of a schema what `docs/configuration.md` says of its variable. */
export const variable = <Schema extends z.ZodType>(schema: Schema, about: About): Schema => {
  abouts.add(schema, about)
  return schema
}

export const noVariables = {}

export interface Form {
  /** What is expected, in words. */
  type: string
  /** As it would be written in the environment. */
  default: string | undefined
}

export function getAbout(schema: z.ZodType): About {
  const about = abouts.get(schema)
  if (!about) throw new Error('A variable has no word about it: define it with variable().')
  return about
}

export function formOf(schema: z.ZodType): Form {
  if (schema instanceof z.ZodOptional) return { type: titleOf(schema), default: undefined }
  if (!(schema instanceof z.ZodDefault)) throw new Error('A variable is optional or has a default.')
  const value = schema.def.defaultValue
  return { type: titleOf(schema), default: Array.isArray(value) && value.length === 0 ? undefined : String(value) }
}

function titleOf(schema: z.ZodOptional | z.ZodDefault): string {
  const title = (schema.unwrap() as z.ZodType).meta()?.title
  if (title === undefined) throw new Error('A variable has no words for its type: give its form a title.')
  return title
}
