import { StopReason as BedrockStopReason } from '@aws-sdk/client-bedrock-runtime'
import { expect, test } from 'vitest'
import { toStopReason } from './stop-reason.ts'

test('every word of the SDK has one of ours', () => {
  const unknown = Object.values(BedrockStopReason).filter((word) => toStopReason(word) === 'other')
  expect(unknown).toEqual([])
  expect(toStopReason('max_tokens')).toBe('max-tokens')
  expect(toStopReason('model_context_window_exceeded')).toBe('context-exceeded')
})

test.each([undefined, 'refusal', 'constructor'])('an unknown word (%s) is other', (word) => {
  expect(toStopReason(word)).toBe('other')
})
