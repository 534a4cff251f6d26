import { z } from 'zod'

export const Account = z.object({ id: z.uuid(), name: z.string(), role: z.enum(['administrator']) })
export type Account = z.output<typeof Account>

/** 12 to 128 characters, any characters: length is what makes a password strong (ASVS 6.2). */
export const Password = z.string().min(12).max(128)

export const ApiTokenScope = z.enum(['read', 'write'])
export type ApiTokenScope = z.output<typeof ApiTokenScope>

/** An API token as it is listed; the token itself is shown once, when it is made. */
export const ApiToken = z.object({
  id: z.uuid(),
  name: z.string(),
  scope: ApiTokenScope,
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
  expiresAt: z.date().nullable(),
})
export type ApiToken = z.output<typeof ApiToken>

export const NewApiToken = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scope: ApiTokenScope,
  expiresInDays: z.int().min(1).max(3650).optional(),
})
export type NewApiToken = z.output<typeof NewApiToken>
