/** Which addresses count as one client. */
import { describe, expect, it } from 'vitest';
import { clientRanges } from './client-range.ts';

describe('the range of a client', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1:2:3::4:5:6:7', '1:2:3:0::/64'],
    ['1::4:5:6:7:8', '1:0:0:4::/64'],
    ['203.0.113.7:51234', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['[2001:db8:1:2::9]:51234', '2001:db8:1:2::/64'],
    ['unknown', 'unknown'],
    ['anything else', 'unknown'],
    ['', 'unknown'],
  ])('of %s is %s', (address, expected) => {
    expect(clientRanges(address)[0]).toBe(expected);
  });

  it('is the same for all addresses of a customer, and different for another one', () => {
    expect(clientRanges('2001:db8:1:2:ffff::1')).toEqual(clientRanges('2001:db8:1:2::1'));
    expect(clientRanges('2001:db8:1:3::1')[0]).not.toBe(clientRanges('2001:db8:1:2::1')[0]);
  });

  it('includes the /56 and the /48, which a customer may own entirely', () => {
    expect(clientRanges('203.0.113.7')).toEqual(['203.0.113.7']);
    expect(clientRanges('2001:db8:1:abcd::9')).toEqual([
      '2001:db8:1:abcd::/64',
      '2001:db8:1:ab00::/56',
      '2001:db8:1:0::/48',
    ]);
    expect(clientRanges('2001:db8:1:abff::')[1]).toBe(clientRanges('2001:db8:1:ab00::')[1]);
    expect(clientRanges('2001:db8:1:ac00::')[1]).not.toBe(clientRanges('2001:db8:1:ab00::')[1]);
    expect(clientRanges('2001:db8:2::')[2]).not.toBe(clientRanges('2001:db8:1::')[2]);
  });
});
