import type { Message } from '@dayshift/llm'

/** Models want turns that alternate and a caller who begins; adjacent turns of one role become one. */
export function alternate(messages: Message[], warnings: string[]): Message[] {
  const turns: Message[] = []
  for (const { role, content } of messages.filter((message) => message.content.length > 0)) {
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else turns.push({ role, content: [...content] })
  }
  if (turns[0]?.role === 'assistant') {
    warnings.push('The conversation began with the assistant; "Go on." was put before it.')
    turns.unshift({ role: 'user', content: [{ type: 'text', text: 'Go on.' }] })
  }
  return turns
}
