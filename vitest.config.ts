import { defineConfig } from 'vitest/config'

const common = { environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 } as const
const everywhere = ['apps/**/*.test.ts', 'packages/**/*.test.ts', 'bench/**/*.test.ts']
const notUnit = ['**/*.corpus.test.ts', '**/*.page.test.ts', '**/node_modules/**']

/** unit: embedded parts only. services: the same tests on TEST_DATABASE_URL and TEST_REDIS_URL. */
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
    ],
  },
})
