import type { IncomingMessage } from 'node:http'
import { addressSet } from '../../../receiver/http/address-set.ts'
import { budgetKey, clientAddress } from '../../../receiver/http/client-address.ts'

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage

describe('a set of addresses', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['203.0.113.0/24', 'no address', false],
  ])('%s has %s: %s', (network, address, has) => {
    expect(addressSet([network]).has(address)).toBe(has)
  })

  test.each([
    '',
    '203.0.113',
    '203.0.113.0/33',
    '203.0.113.0/x',
    '203.0.113.0/',
    '1.2.3.4/8/8',
    '::1/129',
    'a.b.c.d',
  ])('is not made of %p', (text) => {
    expect(() => addressSet([text])).toThrow(RangeError)
  })
})

describe('the address of a client', () => {
  const proxies = addressSet(['10.0.0.0/8', '::1'])

  test('is the connection\u2019s where no proxy is trusted, whatever a header claims', () => {
    expect(clientAddress(request('198.51.100.1', '203.0.113.9'), undefined)).toBe('198.51.100.1')
    expect(clientAddress(request('198.51.100.1', '203.0.113.9'), proxies)).toBe('198.51.100.1')
  })

  test('is what the trusted proxy saw, not what the client had written before', () => {
    expect(clientAddress(request('10.0.0.1', '203.0.113.9'), proxies)).toBe('203.0.113.9')
    expect(clientAddress(request('::ffff:10.0.0.1', '1.1.1.1, 203.0.113.9'), proxies)).toBe('203.0.113.9')
    expect(clientAddress(request('10.0.0.1', '1.1.1.1, 203.0.113.9, 10.2.3.4'), proxies)).toBe('203.0.113.9')
  })

  test('is the last one that is believed where the header is empty, missing or garbled', () => {
    for (const forwarded of [undefined, '', 'unknown', '203.0.113.9, <script>'])
      expect(clientAddress(request('10.0.0.1', forwarded), proxies)).toBe('10.0.0.1')
  })

  test('is read with the port and the brackets that some proxies write', () => {
    for (const forwarded of ['203.0.113.9:4711', '8.8.8.8:53, 203.0.113.9:4711'])
      expect(clientAddress(request('10.0.0.1', forwarded), proxies)).toBe('203.0.113.9')
    for (const forwarded of ['[2001:db8::9]:4711', '[2001:db8::9]', '2001:0DB8:0::9'])
      expect(clientAddress(request('10.0.0.1', forwarded), proxies)).toBe('2001:db8::9')
  })

  test('is not read beyond what is no address: nobody vouches for what is before it', () => {
    expect(clientAddress(request('10.0.0.1', '203.0.113.1, unknown, 10.0.0.2'), proxies)).toBe('10.0.0.2')
  })

  test('has one budget, however it is spelt', () => {
    const spellings = ['2001:db8:0:2::1', '2001:DB8:0:2:0:0:0:1', '2001:0db8:0000:0002::1']
    expect(new Set(spellings.map(budgetKey)).size).toBe(1)
    expect(budgetKey('::ffff:505:505')).toBe('5.5.5.5')
    expect(budgetKey('1:2:3:4:5:6:1.2.3.4')).toBe('1:2:3:4::/64')
  })

  test('counts with its /64 in IPv6, and as itself in IPv4', () => {
    expect(budgetKey('203.0.113.9')).toBe('203.0.113.9')
    expect(budgetKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(budgetKey('2001:db8:1:2:ffff::1')).toBe('2001:db8:1:2::/64')
    expect(budgetKey('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(budgetKey('2001::5:6:7:8:9')).toBe('2001:0:0:5::/64')
    expect(budgetKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  })
})
