import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { checkDockerfile } from './dockerfile-rules.ts'
import { imagePins, pinned } from './image-pins.ts'

const text = readFileSync(new URL('Dockerfile', import.meta.url), 'utf8')
const targets = ['web', 'worker']

test('the Dockerfile keeps the rules', () => {
  expect(validate(text).map(({ message, range }) => ({ line: range.start.line + 1, message }))).toEqual([])
  expect(checkDockerfile(text, targets)).toEqual([])
})

test('the base image is the one of the list, pinned when the list has its digest', () => {
  const node = imagePins.find(({ variable }) => variable === 'NODE_IMAGE')
  expect(/^ARG BASE_IMAGE=(.+)$/m.exec(text)?.[1]).toBe(node && pinned(node))
})

test.each([
  ['a frontend from the network', /^/, '# syntax=docker/dockerfile:1\n', 'parser directive'],
  ['a base that changes', 'node:24-bookworm-slim', 'node:latest', 'latest'],
  ['a base without a tag', 'node:24-bookworm-slim', 'node', 'with a tag'],
  ['a base that no argument names', 'FROM ${BASE_IMAGE} AS runtime', 'FROM debian:12 AS runtime', 'FROM debian:12'],
  ['ADD', 'COPY apps/web/ui apps/web/ui', 'ADD apps/web/ui apps/web/ui', 'ADD'],
  ['a secret as an argument', 'ARG VERSION=0.0.0', 'ARG NPM_TOKEN', 'secret'],
  ['a secret in the environment', 'NODE_ENV=production', 'REDIS_PASSWORD=x', 'secret'],
  ['scripts of packages', '--omit=dev --ignore-scripts', '--omit=dev', '--ignore-scripts'],
  ['what the lock file does not say', 'npm ci --omit=dev', 'npm install --omit=dev', 'npm ci'],
  ['a tool from the network', 'npm run --silent build', 'apt-get update && npm run --silent build', 'pins'],
  ['root', 'USER 1000:1000\nSTOPSIGNAL', 'USER root\nSTOPSIGNAL', 'web has no USER'],
  ['a name for the user, which Kubernetes cannot check', 'USER 1000:1000\nSTOPSIGNAL', 'USER node\nSTOPSIGNAL', 'USER'],
  ['no stop signal', 'STOPSIGNAL SIGTERM', '', 'STOPSIGNAL'],
  ['the shell script that is the entry of the base', 'ENTRYPOINT []', '', 'entry point'],
  ['a shell as process 1', /CMD \["node", "--import.*web.*\n/, 'CMD node apps/web/src/main.ts\n', 'web has no CMD'],
  ['a health check in a shell', 'CMD ["node", "docker/health.mjs", "PORT"]', 'CMD curl -f localhost', 'HEALTHCHECK'],
  ['a step on the platform that is built for', 'EXPOSE 8765', 'RUN node --version', 'runs something'],
  ['files past the tracer', 'EXPOSE 8765', 'COPY packages packages', 'folder of the build'],
  ['code that the process may change', '--chown=0:0 /out /\nWORKDIR', '--chown=1000 /out /\nWORKDIR', 'than root'],
])('a Dockerfile with %s is refused', (_what, from, to, problem) => {
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  expect(checkDockerfile(changed, targets).join('\n')).toContain(problem)
})
