import { defineConfig } from 'vitest/config'

const common = { environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 } as const
const everywhere = ['apps/**/*.test.ts', 'packages/**/*.test.ts', 'bench/**/*.test.ts', 'docker/**/*.test.ts']
const notUnit = ['**/*.{corpus,page,image,compose}.test.ts', '**/node_modules/**']
const alone = { fileParallelism: false, hookTimeout: 900_000 } as const

/**
 * unit: embedded parts only. services: the same tests on TEST_DATABASE_URL and TEST_REDIS_URL. image, compose: what
 * containers are made of, and with a Docker engine the containers themselves. infra: the deployment, without AWS.
 */
export default defineConfig({
  test: {
    globalSetup: ['packages/storage/src/testing/global-setup.ts'],
    maxWorkers: 2,
    projects: [
      { extends: true, test: { ...common, name: 'unit', include: everywhere, exclude: notUnit } },
      { extends: true, test: { ...common, name: 'services', include: everywhere, exclude: notUnit } },
      { extends: true, test: { ...common, name: 'page', include: ['apps/**/*.page.test.ts'], testTimeout: 120_000 } },
      {
        extends: true,
        test: {
          ...common,
          name: 'corpus',
          include: ['apps/**/*.corpus.test.ts', 'packages/**/*.corpus.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: { ...common, name: 'image', include: ['docker/**/*.image.test.ts'], testTimeout: 600_000, ...alone },
      },
      {
        extends: true,
        test: { ...common, name: 'compose', include: ['docker/**/*.compose.test.ts'], testTimeout: 900_000, ...alone },
      },
      { test: { ...common, name: 'infra', include: ['infra/**/*.test.ts'], testTimeout: 120_000 } },
    ],
  },
})
