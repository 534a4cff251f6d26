import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import { z } from 'zod'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What our services may say, and nothing else: `privileged`, `network_mode` and their like are no options here. */
const Service = z.strictObject({
  image: z.string(),
  build: z
    .strictObject({
      context: z.literal('.'),
      dockerfile: z.string(),
      target: z.string(),
      args: z.record(z.string(), z.string()),
    })
    .optional(),
  user: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  shm_size: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).default({}),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).optional(),
  restart: z.string(),
  init: z.boolean(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()),
  pids_limit: z.number(),
  mem_limit: z.string(),
  stop_grace_period: z.string(),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
})
export type Service = z.output<typeof Service>

const ComposeFile = z.object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) })

export const composeText = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
export const composeFile = ComposeFile.parse(parse(composeText, { merge: true }))
export const services = composeFile.services

/** `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, which is all that our file uses; `$$` is a dollar sign. */
const REFERENCE = /\$\$|\$\{(?<name>\w+)(?:(?<how>:-|:\?)(?<rest>[^}]*))?\}/g

export interface Reference {
  name: string
  default: string | undefined
  isRequired: boolean
}

export const referencesIn = (text: string): Reference[] =>
  [...text.matchAll(REFERENCE)].flatMap(({ groups }) => {
    const { name, how, rest } = groups ?? {}
    return name ? [{ name, default: how === ':-' ? rest : undefined, isRequired: how === ':?' }] : []
  })

/** As Docker Compose does it. Throws for a variable that is required and not set. */
export function interpolate(text: string, environment: Record<string, string | undefined>): string {
  return text.replaceAll(REFERENCE, (whole, ...groups) => {
    if (whole === '$$') return '$'
    const { name, how, rest } = groups.at(-1) as { name: string; how?: string; rest?: string }
    const value = environment[name]
    if (value) return value
    if (how === ':-') return rest ?? ''
    throw new Error(`${whole} has no value`)
  })
}

/** The environment that a container of the service gets when .env and the shell say this. */
export function environmentOf(service: Service, environment: Record<string, string | undefined>) {
  const entries = Object.entries(service.environment).map(([name, value]) => [
    name,
    value === null ? environment[name] : interpolate(String(value), environment),
  ])
  return Object.fromEntries(entries) as Record<string, string | undefined>
}

/** What `npm run setup` writes into a new .env. */
export function makeEnv(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'dayshift-setup-'))
  try {
    const file = join(folder, '.env')
    execFileSync(process.execPath, [join(ROOT, 'scripts/setup.mjs'), file])
    return parseEnv(readFileSync(file, 'utf8')) as Record<string, string>
  } finally {
    rmSync(folder, { recursive: true })
  }
}
