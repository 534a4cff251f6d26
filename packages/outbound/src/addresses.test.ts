import { expect, test } from 'vitest'

import { isPublicAddress } from './addresses.ts'

/** First and last address of blocks in the IANA special-purpose registries, and the neighbours outside. */
test.each([
  ['0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', undefined],
  ['168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff::', '2001:200::'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff::', '2001:db9::'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:ffff::', '2003::'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffd::', '3fff:1000::'],
  ['::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', undefined, '2000::'],
  ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '3fff:ffff::', undefined],
])('%s to %s is not public, its neighbours are', (first, last, before, after) => {
  expect([first, last].map((address) => isPublicAddress(address))).toEqual([false, false])
  const neighbours = [before, after].filter((address) => address !== undefined)
  expect(neighbours.filter((address) => !isPublicAddress(address))).toEqual([])
})

test.each([
  '',
  'localhost',
  '1.2.3',
  '2606:4700::1%eth0',
  'fe80::1%1',
  '1.2.3.4/8',
  '::ffff:1.1.1.1',
  '[2606:4700::1]',
])('never takes %j for a public address', (text) => {
  expect(isPublicAddress(text)).toBe(false)
})

test('NAT64 counts by the address inside, and only where it is switched on', () => {
  expect(isPublicAddress('64:ff9b::8.8.8.8')).toBe(false)
  expect(isPublicAddress('64:ff9b::8.8.8.8', { nat64: true })).toBe(true)
  expect(isPublicAddress('64:ff9b::808:808', { nat64: true })).toBe(true)
  expect(isPublicAddress('64:ff9b:0:0:0:0:808:808', { nat64: true })).toBe(true)
  for (const inside of ['10.0.0.1', '169.254.169.254', '0.0.0.0', '0.0.0.1', '127.0.0.1', '192.168.0.0']) {
    expect(isPublicAddress(`64:ff9b::${inside}`, { nat64: true })).toBe(false)
  }
  expect(isPublicAddress('64:ff9b:1::8.8.8.8', { nat64: true })).toBe(false)
})
