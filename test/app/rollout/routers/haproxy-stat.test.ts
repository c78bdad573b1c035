import { expect, test } from 'vitest'
import { idleWhy, parseStat } from '../../../../app/rollout/routers/haproxy-stat.ts'

const HEAD = '# pxname,svname,stot,status,last_chk,bck,uweight,\n'
const table = (...rows: string[]) => `${HEAD}${rows.map((row) => `${row}\n`).join('')}\n`

test('a table of servers, whatever the order of its columns and with commas in quotes', () => {
  const servers = parseStat(table('shop,c1,12,UP 1/3,"refused, ""twice"", by it",0,28,', 'shop,s1,34,no check,,1,252,'), 'shop')
  expect([...servers.values()]).toEqual([
    { name: 'c1', weight: 28, given: 12, status: 'UP 1/3', backup: false },
    { name: 's1', weight: 252, given: 34, status: 'no check', backup: true },
  ])
})

test.each([
  ['an unknown backend', 'No such proxy.\n\n', 'refused', 'No such proxy.'],
  ['no right', 'Permission denied\n\n', 'refused', 'Permission denied'],
  ['an unknown command', 'Unknown command, but maybe one of the following ones\n\n', 'refused', 'Unknown command'],
  ['nothing', '', 'malformed', 'not a table'],
  ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'malformed', 'not a table'],
  ['no end', table('shop,c1,12,UP,,0,28,').slice(0, -1), 'malformed', 'cut off'],
  ['the end of a row cut off', `${HEAD}shop,c1,12,UP,,\n\n`, 'malformed', '6 fields instead of 8'],
  ['no uweight', '# pxname,svname,stot,status,bck,\n\n', 'malformed', 'lacks uweight'],
  ['a weight that is none', table('shop,c1,12,UP,,0,x,'), 'malformed', 'whole number'],
  ['no weight', table('shop,c1,12,UP,,0,,'), 'malformed', 'whole number'],
  ['a weight below none', table('shop,c1,12,UP,,0,-1,'), 'malformed', 'whole number'],
  ['too much weight', table('shop,c1,12,UP,,0,257,'), 'malformed', '257'],
  ['a count that is none', table('shop,c1,1e3,UP,,0,28,'), 'malformed', 'whole number'],
  ['a server twice', table('shop,c1,12,UP,,0,28,', 'shop,c1,12,UP,,0,28,'), 'malformed', 'shop/c1'],
  ['another backend', table('shop2,c1,12,UP,,0,28,'), 'malformed', 'shop2/c1'],
])('%s', (_, answer, code, message) => {
  const parse = () => parseStat(answer, 'shop')
  expect(parse).toThrow(expect.objectContaining({ name: 'RouterError', code }))
  expect(parse).toThrow(message)
})

test.each([
  ['UP', 28, false, null],
  ['UP 1/3', 28, false, null],
  ['no check', 0, false, null],
  ['DRAIN', 0, false, null],
  ['DRAIN', 28, false, 'is DRAIN'],
  ['DOWN 1/2', 0, false, 'is DOWN 1/2'],
  ['MAINT (via shop/x)', 28, false, 'is MAINT (via shop/x)'],
  ['UP', 28, true, 'is a backup server'],
])('%s with weight %i, backup %s: %s', (status, weight, backup, why) => {
  expect(idleWhy({ name: 'c1', given: 0, status, weight, backup })).toBe(why)
})
