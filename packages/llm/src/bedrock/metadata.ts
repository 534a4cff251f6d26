/** Of AWS's `requestMetadata` values: at most 256 of these characters. Source: API reference, Converse. */
const FOREIGN = /[^a-zA-Z0-9\s:_@$#=/+,.-]/g
const MOST_CHARACTERS = 256

export const CALL_KEY = 'dayshift-call'
const FEATURE_KEY = 'dayshift-feature'

/** What AWS writes into its invocation log beside the tokens, so that a bill finds its attempt. */
export const requestMetadataOf = (callId: string, feature: string): Record<string, string> => ({
  [CALL_KEY]: callId,
  [FEATURE_KEY]: feature.replaceAll(FOREIGN, '_').slice(0, MOST_CHARACTERS),
})
