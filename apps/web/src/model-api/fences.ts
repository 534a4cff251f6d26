const OPENING = /^\s*```(?:json)?\s*/i
/** What may still become an opening fence and its line's end. */
const MAY_OPEN = /^\s*(?:`{0,3}|```\w*\s*)$/

/** Takes the Markdown fence off JSON as it comes, piece by piece; text without one goes through as it is. */
export function unfencing(): { push(text: string): string; end(): string } {
  let held = ''
  let state: 'beginning' | 'fenced' | 'bare' = 'beginning'
  return {
    push: (text) => {
      held += text
      if (state === 'beginning') {
        if (MAY_OPEN.test(held)) return ''
        state = OPENING.test(held) ? 'fenced' : 'bare'
        if (state === 'fenced') held = held.replace(OPENING, '')
      }
      const bodyEnd = state === 'fenced' ? bodyEndOf(held) : held.length
      const ready = held.slice(0, bodyEnd)
      held = held.slice(bodyEnd)
      return ready
    },
    end: () => (state === 'fenced' && held.trim() === '```' ? '' : held),
  }
}

export function unfence(text: string): string {
  const fence = unfencing()
  return fence.push(text) + fence.end()
}

/** Where what may be the closing fence begins. */
function bodyEndOf(text: string): number {
  let body = text.trimEnd()
  for (let ticks = 0; ticks < 3 && body.endsWith('`'); ticks += 1) body = body.slice(0, -1)
  return body.trimEnd().length
}
