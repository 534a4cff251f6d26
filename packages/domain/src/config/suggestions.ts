import { variables } from './document.ts'

// Ours alone: whoever sets such a name means us.
const OUR_PREFIXES = /^(LLM|DAYSHIFT|BEDROCK|AWS_BEDROCK|S3|DATABASE|REDIS|OLLAMA|METRICS|WORKER|SIGNING)_/
// Read by Ollama itself, which may stand in the same environment: envconfig/config.go of Ollama.
const OLLAMA_OWN = new Set(['OLLAMA_MODELS'])
// A name of others may look like ours by chance, so one of ours may be further off.
const farthest = (name: string): number => (OUR_PREFIXES.test(name) ? 3 : 1)

/** One line for each name that is not ours, but so close to one of ours that it is likely to be a slip. */
export function suggestions(names: string[]): string[] {
  const known = variables.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`, `${name}_ARN`] : [name]))
  return names
    .filter((name) => name.includes('_') && !known.includes(name) && !OLLAMA_OWN.has(name))
    .flatMap((name) => {
      const [nearest] = known
        .map((other) => ({ other, far: distance(name, other) }))
        .filter(({ far }) => far <= farthest(name))
        .sort((a, b) => a.far - b.far)
      return nearest
        ? [`${name} is not a setting of Dayshift. Is ${nearest.other} meant? docs/configuration.md lists all.`]
        : []
    })
}

/** How many letters are inserted, deleted, replaced or swapped with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const next = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let least = Math.min(last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      if (a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        least = Math.min(least, (before[column - 2] ?? Infinity) + 1)
      next.push(least)
    }
    ;[before, last] = [last, next]
  }
  return last[b.length]!
}
