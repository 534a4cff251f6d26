import { checkHealth, type Health } from '@dayshift/domain/health'
import type { WebParts } from './parts.ts'

// Whoever may ask without limit shall not make us write without limit.
const READY_FOR_MS = 1000

/** Asks the parts, at most once a second for all who ask; while the process starts or stops it is not ready. */
export function createReadiness({ context, phase }: Pick<WebParts, 'context' | 'phase'>): () => Promise<Health> {
  let checked: { at: number; health: Promise<Health> } | undefined
  return async () => {
    const present = phase?.() ?? 'serving'
    if (present !== 'serving') return { ok: false, parts: [{ name: 'process', ok: false, detail: present, tookMs: 0 }] }
    if (!checked || performance.now() - checked.at > READY_FOR_MS) {
      checked = { at: performance.now(), health: checkHealth(context) }
    }
    return checked.health
  }
}
