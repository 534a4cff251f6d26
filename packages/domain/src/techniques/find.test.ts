import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { z } from 'zod'
import attackNames from './attack-names.json' with { type: 'json' }
import { findTechniques } from './find.ts'
import { needCapitals, needId, phrases, replacedIds } from './phrases.ts'

const found = (text: string) => findTechniques(text).map(({ id, basis }) => `${id} ${basis}`)

test.each([
  ['T1059 and T1059.001', ['T1059 id', 'T1059.001 id']],
  ['https://attack.mitre.org/techniques/T1059/001/', ['T1059.001 id']],
  ['T9999, T1059.999 and XT1059', ['T1059 id']],
  ['T1060, as it was called before 2020', ['T1547.001 id']],
  ['It uses process hollowing and scheduled tasks.', ['T1055.012 name', 'T1053.005 name']],
  ['a Web  Shell or\nweb-shells', ['T1505.003 name']],
  ['Spearphishing Attachment', ['T1566.001 name']],
  ['Registry Run Keys / Startup Folder', ['T1547.001 name']],
  ['a Windows Service, File Deletion', ['T1543.003 name', 'T1070.004 name']],
  ['SMB/Windows Admin Shares', ['T1021.002 name']],
])('%s', (text, expected) => {
  expect(found(text)).toEqual(expected)
})

test.each([
  'Python tools on a DNS server for email accounts and domains',
  'a windows service, file deletion, a web service, valid, data staged in a proxy',
  'supply. Chain; compromise',
])('nothing in: %s', (text) => {
  expect(found(text)).toEqual([])
})

test('an id is the better basis; both count', () => {
  const text = 'Keylogging (T1056.001) and keylogging'
  expect(findTechniques(text)).toEqual([
    {
      id: 'T1056.001',
      name: 'Keylogging',
      basis: 'id',
      written: 'T1056.001',
      startOffset: 12,
      endOffset: 21,
      occurrences: 3,
    },
  ])
})

test('what is written stands at its offsets', () => {
  const text = '𝕏 phishing emails, 𝕏 DLL side-loading'
  for (const { written, startOffset, endOffset } of findTechniques(text))
    expect(text.slice(startOffset, endOffset)).toBe(written)
})

test.each(['Exfiltration Over ', 'T1059', 'T1059.', 'file and ', 'a', ' '])(
  'a megabyte of %j takes less than a second',
  { retry: 2 },
  (unit) => {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length))
    const startedAt = performance.now()
    findTechniques(text)
    expect(performance.now() - startedAt).toBeLessThan(1000)
  },
)

test('the lists of phrases name techniques that we have', () => {
  const ids = new Set(Object.keys(attackNames))
  const named = [...needCapitals, ...needId, ...Object.keys(phrases), ...Object.values(replacedIds)]
  expect(named.filter((id) => !ids.has(id))).toEqual([])
  expect(Object.keys(replacedIds).filter((id) => ids.has(id))).toEqual([])
})

const bundle = new URL('../../../../../shared/corpus/attack/enterprise-attack-18.json.gz', import.meta.url)
const Bundle = z.object({
  objects: z.array(
    z.object({
      type: z.string(),
      name: z.string().optional(),
      revoked: z.boolean().default(false),
      x_mitre_deprecated: z.boolean().default(false),
      external_references: z
        .array(z.object({ source_name: z.string(), external_id: z.string().optional() }))
        .default([]),
    }),
  ),
})

test.skipIf(!existsSync(bundle))('ids and names are those of ATT&CK Enterprise 18', () => {
  const { objects } = Bundle.parse(JSON.parse(gunzipSync(readFileSync(bundle)).toString()))
  const techniques = objects
    .filter(({ type }) => type === 'attack-pattern')
    .map((object) => ({
      ...object,
      id: object.external_references.find((reference) => reference.source_name === 'mitre-attack')?.external_id,
    }))
  const current = new Map(
    techniques.filter((one) => !one.revoked && !one.x_mitre_deprecated).map(({ id, name }) => [id, name]),
  )
  const wrong = Object.entries(attackNames).filter(([id, name]) => current.get(id) !== name)
  expect(wrong).toEqual([])
  const gone = new Set(techniques.filter(({ revoked }) => revoked).map(({ id }) => id))
  expect(Object.keys(replacedIds).filter((id) => !gone.has(id))).toEqual([])
})
