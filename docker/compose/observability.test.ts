import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMetrics } from '@dayshift/metrics'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { dashboards, metricNamesIn } from './testing/dashboards.ts'
import { ROOT, services } from './testing/compose-file.ts'

const read = (path: string) => readFileSync(join(ROOT, 'docker/compose', path), 'utf8')

test('Prometheus asks every web and worker at the port where they answer', () => {
  const Config = z.object({
    scrape_configs: z.array(
      z.object({
        job_name: z.string(),
        dns_sd_configs: z.array(z.object({ names: z.array(z.string()), type: z.literal('A'), port: z.number() })),
      }),
    ),
  })
  const { scrape_configs } = Config.parse(parse(read('prometheus/prometheus.yml')))
  const asked = scrape_configs.flatMap(({ dns_sd_configs }) =>
    dns_sd_configs.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
  )
  const answering = Object.entries(services).flatMap(
    ([
      name,
      {
        environment: { METRICS_PORT },
      },
    ]) => (METRICS_PORT === undefined ? [] : [`${name}:${METRICS_PORT}`]),
  )
  expect(asked.toSorted()).toEqual(answering.toSorted())
})

test('the proxy sends to every web, at the port where it listens, while it is healthy', () => {
  const config = read('proxy/haproxy.cfg')
  const servers = [...config.matchAll(/^ +server (\S+) (\S+)$/gm)].map(([, name, address]) => [name, address])
  const webs = Object.entries(services).filter(([, { build }]) => build?.target === 'web')
  expect(servers).toEqual(webs.map(([name, { environment }]) => [name, `${name}:${environment['PORT']}`]))
  expect(config).toContain('httpchk GET /health')
  expect(services['proxy']?.ports[0]?.endsWith(`:${/bind :(\d+)/.exec(config)?.[1]}`)).toBe(true)
})

test('Grafana reads the dashboards and asks Prometheus', () => {
  const { datasources } = z
    .object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) })
    .parse(parse(read('grafana/provisioning/datasources/prometheus.yml')))
  expect(datasources).toEqual([{ uid: 'prometheus', url: 'http://prometheus:9090' }])
  const { providers } = z
    .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
    .parse(parse(read('grafana/provisioning/dashboards/dayshift.yml')))
  const mounts = services['grafana']!.volumes.map((volume) => volume.split(':').slice(0, 2))
  expect(mounts).toContainEqual(['./docker/compose/grafana/dashboards', providers[0]?.options.path])
  expect(mounts).toContainEqual(['./docker/compose/grafana/provisioning', '/etc/grafana/provisioning'])
})

describe.each(dashboards)('the dashboard $title', (dashboard) => {
  test('asks the data source that is there, in panels that do not overlap', () => {
    expect(dashboard.panels.length).toBeGreaterThan(3)
    const cells = new Set<string>()
    for (const { id, title, datasource, gridPos, targets } of dashboard.panels) {
      expect([title, datasource.uid, targets.length > 0]).toEqual([title, 'prometheus', true])
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([id, cells.has(`${x},${y}`)]).toEqual([id, false])
          cells.add(`${x},${y}`)
        }
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })

  test('shows only metrics that our processes tell', async () => {
    const told = await metricsTold()
    const shown = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricNamesIn(expr)))
    expect(shown.length).toBeGreaterThan(3)
    expect(shown.filter((name) => !told.has(name))).toEqual([])
  })
})

test('every metric of ours is shown somewhere', async () => {
  const shown = new Set(
    dashboards.flatMap(({ panels }) =>
      panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricNamesIn(expr))),
    ),
  )
  const families = [...(await metricsTold())].filter((name) => name.startsWith('dayshift_'))
  const isShown = (name: string) =>
    [name, `${name}_bucket`, `${name}_count`, `${name}_sum`].some((one) => shown.has(one))
  expect(families.filter((name) => !/_(bucket|count|sum)$/.test(name) && !isShown(name))).toEqual([])
})

/** Those of the process from a real registry, ours from where they are named. The test of the containers asks them. */
async function metricsTold(): Promise<Set<string>> {
  const ofProcess = [...(await createMetrics().text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!)
  const sources = globSync('apps/{web,worker}/src/**/*.ts', { cwd: ROOT }).filter((path) => !path.includes('.test.'))
  const ours = sources.flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\b(dayshift_[a-z_]+)\b/g)].map(([, name]) => name!),
  )
  const histograms = ours.filter((name) => name.endsWith('_duration_seconds'))
  return new Set([
    ...ofProcess,
    ...ours,
    ...histograms.flatMap((name) => ['bucket', 'count', 'sum'].map((part) => `${name}_${part}`)),
  ])
}
