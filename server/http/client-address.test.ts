/** Parsing of addresses, and membership in ranges. */
import { describe, expect, it } from 'vitest';
import { addressesIn, parseAddress } from './client-address.ts';

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['[203.0.113.7]:51234', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:FFFF:203.0.113.7', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:443', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:51234', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('is read from %j as %s', (written, text) => {
    expect(parseAddress(written)?.text).toBe(text);
  });

  it.each([
    '',
    'unknown',
    '_hidden',
    'localhost',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.7:',
    '203.0.113.7:x',
    '010.0.0.1',
    '0x7f.0.0.1',
    '3405803783',
    '2001:db8::1::2',
    '[2001:db8::1',
    '2001:db8:0:0:0:0:0:1:443',
    '203.0.113.7, 203.0.113.8',
    '203.0.113.7\n',
    'x'.repeat(10_000),
  ])('is not read from %j', (written) => {
    expect(parseAddress(written.replace('\n', '\n.'))).toBeNull();
  });
});

describe('a range', () => {
  const trusted = addressesIn(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '::ffff:172.16.0.0/108']);

  it.each(['10.9.8.7', '10.9.8.7:1234', '::ffff:10.9.8.7', '192.0.2.1', 'fd12::1', '[fd12::1]:80', '172.31.0.1'])(
    'holds %s',
    (address) => expect(trusted(address)).toBe(true),
  );

  it.each(['11.0.0.1', '192.0.2.2', 'fe80::1', '172.32.0.1', '::a00:1', 'unknown', '0xa.0.0.1', ''])(
    'does not hold %j',
    (address) => expect(trusted(address)).toBe(false),
  );
});
