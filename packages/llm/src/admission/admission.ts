/** Lets calls to a model through no faster than the limits allow, all processes together. */
export interface Admission {
  /**
   * Waits until the model has a free place, a request and `tokens` to give, and takes them all at once.
   * @throws LlmThrottled when that does not happen within `maxWaitMs`, and at once when it cannot; the signal's reason.
   */
  enter(model: string, limits: ModelLimits, tokens: number, options: EnterOptions): Promise<Place>
  close(): Promise<void>
}

/** Undefined is unlimited. */
export interface ModelLimits {
  concurrency?: number | undefined
  requestsPerMinute?: number | undefined
  /** Input and `maxTokens` together, as vendors reserve them. */
  tokensPerMinute?: number | undefined
}

export interface EnterOptions {
  maxWaitMs: number
  /** A place that nobody gives back (its process died) is free again after this. */
  leaseMs: number
  signal?: AbortSignal | undefined
}

export interface Place {
  /** Gives the place back, once; what was reserved and not used of the tokens, too, when it is known. Never throws. */
  leave(usedTokens?: number): Promise<void>
}
