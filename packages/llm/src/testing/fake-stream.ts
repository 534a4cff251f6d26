import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { errorFrame, exceptionFrame } from './event-stream.ts'
import type { Fault } from './faults.ts'

/** Between two frames of `slow-chunks`. */
const SLOW_MS = 50

interface Sending {
  frames: Buffer[]
  fault: Fault | undefined
  frameDelayMs: number
  /** Everything at once where nothing must be waited for. */
  fast: boolean
}

/** Faults strike after two pieces of text, or where their name says. Returns how many frames went out. */
export async function sendFrames(response: ServerResponse, sending: Sending): Promise<number> {
  const { frames, fault, fast } = sending
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
  const delayMs = fault === 'slow-chunks' ? SLOW_MS : sending.frameDelayMs
  if (fast && delayMs === 0 && fault === undefined) {
    response.end(Buffer.concat(frames))
    return frames.length
  }
  const sent = await pace(response, frames.slice(0, countOf(frames, fault)), delayMs, fast)
  if (!response.destroyed) await end(response, frames, fault)
  return sent
}

function countOf(frames: Buffer[], fault: Fault | undefined): number {
  if (fault === undefined || fault === 'slow-chunks' || fault === 'broken-tool-input') return frames.length
  return fault === 'exception-before-text' || fault === 'cut-before-text' ? 1 : 3
}

async function pace(response: ServerResponse, frames: Buffer[], delayMs: number, fast: boolean): Promise<number> {
  let sent = 0
  for (const frame of frames) {
    if (response.destroyed) return sent
    if (fast) response.write(frame)
    else await writeInPieces(response, frame)
    sent++
    if (delayMs > 0) await sleep(delayMs)
  }
  return sent
}

/** A frame may arrive in any pieces. */
async function writeInPieces(response: ServerResponse, frame: Buffer): Promise<void> {
  response.write(frame.subarray(0, 7))
  await nextTurn()
  response.write(frame.subarray(7))
}

async function end(response: ServerResponse, frames: Buffer[], fault: Fault | undefined): Promise<void> {
  switch (fault) {
    case 'stream-exception':
    case 'exception-before-text': {
      const message = 'The model produced no further output.'
      response.end(exceptionFrame('modelStreamErrorException', { message, originalStatusCode: 500 }))
      return
    }
    case 'stream-error-frame':
      response.end(errorFrame('InternalFailure', 'The stream broke.'))
      return
    case 'cut-stream':
    case 'cut-before-text':
      response.write(frames[3]!.subarray(0, 20))
      await sleep(20)
      response.socket?.destroy()
      return
    case 'stall':
      return
    default:
      response.end()
  }
}
