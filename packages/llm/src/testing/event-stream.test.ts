import { expect, test } from 'vitest'
import { encodeFrame } from './event-stream.ts'

// Test vectors of aws-c-event-stream and of the AWS SDKs: empty_message, payload_no_headers, payload_one_str_header.
test.each([
  [{}, '', '000000100000000005c248eb7d98c8ff'],
  [{}, "{'foo':'bar'}", '0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936'],
  [
    { 'content-type': 'application/json' },
    "{'foo':'bar'}",
    '0000003d0000002007fd83960c636f6e74656e742d7479706507001' +
      '06170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
  ],
])('a frame with %o and %j has the published bytes', (headers, payload, hex) => {
  expect(encodeFrame(headers, Buffer.from(payload)).toString('hex')).toBe(hex)
})
