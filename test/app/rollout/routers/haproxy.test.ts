import { expect, test } from 'vitest'
import { haproxy } from '../../../../app/rollout/routers/haproxy.ts'
import type { Router } from '../../../../app/rollout/routers/router.ts'
import { scriptedHaproxy, type Script, type ScriptedHaproxy } from './scripted-haproxy.ts'

const GROUPS = { backend: 'shop', canary: ['c1', 'c2'], stable: ['s1', 's2'] }
const AT_0 = { c1: 0, c2: 0, s1: 100, s2: 100 }
const AT_50 = { c1: 256, c2: 256, s1: 256, s2: 256 }

function routerOf({ socket }: Pick<ScriptedHaproxy, 'socket'>, timeoutMs = 2000): Router {
  return haproxy({ ...GROUPS, socket, timeoutMs })
}

const moves = ({ commands }: ScriptedHaproxy): string[] =>
  commands.filter((command) => command.startsWith('set ')).map((command) => command.slice(11))
const weights = ({ servers }: ScriptedHaproxy): number[] => [...servers.values()].map(({ weight }) => weight)

test('set is read back, and may be repeated', async () => {
  const real = await scriptedHaproxy(AT_0)
  const router = routerOf(real)
  expect(await router.read()).toBe(0)
  await router.set(10)
  expect(weights(real)).toEqual([28, 28, 252, 252])
  const moved = moves(real)
  await router.set(10)
  expect(moves(real)).toEqual(moved)
  expect(await router.read()).toBe(10)
  await router.set(50)
  await router.set(100)
  expect(weights(real)).toEqual([256, 256, 0, 0])
  expect(await router.read()).toBe(100)
  await router.set(0)
  expect(weights(real)).toEqual([0, 0, 256, 256])
})

test('who gets weight gets it before another loses it', async () => {
  const real = await scriptedHaproxy(AT_0)
  await routerOf(real).set(100)
  expect(moves(real)).toEqual(['shop/c1 256', 'shop/c2 256', 'shop/s1 0', 'shop/s2 0'])
  await routerOf(real).set(0)
  expect(moves(real).slice(4)).toEqual(['shop/s1 256', 'shop/s2 256', 'shop/c1 0', 'shop/c2 0'])
})

test('0 % that stands, with weights of the operator, is left as it is', async () => {
  const real = await scriptedHaproxy({ ...AT_0, s2: 7 })
  await routerOf(real).set(0)
  expect(moves(real)).toEqual([])
})

const given = (count: number) => ({ weight: 1, given: count })
const only =
  (pattern: RegExp, then: Script): Script =>
  (command, usual, socket) =>
    pattern.test(command) ? then(command, usual, socket) : usual()

test.each([
  ['silence', 'unreachable', () => null],
  ['a broken line', 'unreachable', (_, __, socket) => (socket.destroy(), null)],
  ['an end without an answer', 'unreachable', () => ''],
  ['too long', 'malformed', () => 'x'.repeat(2 * 1024 * 1024)],
  ['cut off', 'malformed', (_, usual) => usual().slice(0, -4)],
  ['an unknown backend', 'refused', () => 'No such proxy.\n\n'],
  ['no right', 'refused', () => 'Permission denied\n\n'],
] satisfies [string, string, Script][])('looking: %s is %s, and nothing moves', async (_, code, script) => {
  const real = await scriptedHaproxy(AT_0, only(/^show/, script))
  const router = routerOf(real, 300)
  await expect(router.set(10)).rejects.toMatchObject({ name: 'RouterError', code })
  await expect(router.read()).rejects.toMatchObject({ code })
  await expect(router.observe?.()).rejects.toMatchObject({ code })
  expect(moves(real)).toEqual([])
})

test.each([
  ['silence', 'unreachable', () => null],
  ['a broken line', 'unreachable', (_, __, socket) => (socket.destroy(), null)],
  ['an end without an answer', 'unreachable', () => ''],
  ['too long', 'malformed', () => 'x'.repeat(2 * 1024 * 1024)],
  ['an unknown server', 'refused', () => 'No such server.\n\n'],
  ['no right', 'refused', () => 'Permission denied\n\n'],
  ['a static balance', 'refused', () => "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n\n"],
  ['a yes that moves nothing', 'mismatch', () => '\n'],
] satisfies [string, string, Script][])('moving up: %s is %s', async (_, code, script) => {
  const real = await scriptedHaproxy(AT_0, only(/c2 28$/, script))
  await expect(routerOf(real, 300).set(10)).rejects.toMatchObject({ name: 'RouterError', code })
  expect(real.servers.get('c2')?.weight).toBe(0)
})

test('half of it moved is told with every server that does not stand as wanted', async () => {
  const real = await scriptedHaproxy(
    AT_0,
    only(/\/[cs]2 /, () => '\n'),
  )
  await expect(routerOf(real).set(10)).rejects.toThrow(/c2 has 0 instead of 28, s2 has 100 instead of 252/)
})

test('the socket gone between moving and reading back', async () => {
  let gone = false
  const real = await scriptedHaproxy(AT_0, (command, usual, socket) => {
    if (gone) return (socket.destroy(), null)
    gone = command.includes('c2')
    return usual()
  })
  await expect(routerOf(real).set(100)).rejects.toMatchObject({ code: 'unreachable' })
  expect(weights(real)).toEqual([256, 256, 100, 100])
})

test('a server that is not in the backend is named, with those that are', async () => {
  const real = await scriptedHaproxy({ c1: 0, s1: 100, s2: 100 })
  await expect(routerOf(real).set(10)).rejects.toThrow('Backend shop has no server c2. It has c1, s1, s2.')
  await expect(routerOf(real).set(10)).rejects.toMatchObject({ code: 'refused' })
})

test('down: a server of stable that refuses keeps no canary in traffic', async () => {
  const real = await scriptedHaproxy(
    { ...AT_50, s1: 28, s2: 28 },
    only(/s1/, () => 'No such server.\n\n'),
  )
  await expect(routerOf(real).set(0)).rejects.toMatchObject({ code: 'refused' })
  expect(weights(real)).toEqual([0, 0, 28, 256])
})

test('down: nobody is left without weight when all of stable refuses', async () => {
  const real = await scriptedHaproxy(
    { c1: 256, c2: 256, s1: 0, s2: 0 },
    only(/\/s/, () => 'No such server.\n\n'),
  )
  await expect(routerOf(real).set(0)).rejects.toMatchObject({ code: 'refused' })
  expect(weights(real)).toEqual([256, 256, 0, 0])
})

test.each([
  ['a canary that is down', { ...AT_0, c2: { weight: 0, status: 'DOWN' } }, /Server c2 of the canary is DOWN/],
  ['a canary in maintenance', { ...AT_0, c1: { weight: 0, status: 'MAINT' } }, /Server c1 of the canary is MAINT/],
  ['a canary that is a backup', { ...AT_0, c1: { weight: 0, backup: true } }, /Server c1 of the canary is a backup server/],
  ['a third server with weight', { ...AT_0, x: 1 }, /Server x of backend shop has weight and stands in no group/],
])('%s stops a step up, and no step down', async (_, servers, why) => {
  const real = await scriptedHaproxy(servers)
  await expect(routerOf(real).set(10)).rejects.toThrow(why)
  expect(moves(real)).toEqual([])
  for (const name of ['c1', 'c2']) Object.assign(real.servers.get(name) ?? {}, { weight: 5 })
  await routerOf(real).set(0)
  expect([real.servers.get('c1')?.weight, real.servers.get('c2')?.weight]).toEqual([0, 0])
})

test('spare servers, without weight or as backup, stand in nobody’s way', async () => {
  const real = await scriptedHaproxy({ ...AT_0, spare: { weight: 1, backup: true }, idle: 0 })
  await routerOf(real).set(10)
  expect(await routerOf(real).read()).toBe(10)
})

test('a third server with weight is told in the share', async () => {
  const real = await scriptedHaproxy({ c1: 100, c2: 100, s1: 0, s2: 0, x: 200 })
  expect(await routerOf(real).read()).toBe(50)
})

test('a newer weight overtakes an older one that is still on its way', async () => {
  const real = await scriptedHaproxy(AT_50)
  const router = routerOf(real)
  const older = router.set(100)
  const newer = router.set(0)
  await expect(older).rejects.toMatchObject({ code: 'refused' })
  await newer
  expect(weights(real)).toEqual([0, 0, 256, 256])
})

test('what was given to each group is observed', async () => {
  const real = await scriptedHaproxy({ c1: given(5), c2: given(6), s1: given(50), s2: given(60), x: given(7) })
  expect(await routerOf(real).observe?.()).toEqual({ canary: 11, stable: 117 })
})

test.each([
  ['a name that would end the command', { canary: ['c1; shutdown frontend shop'] }],
  ['a name with a line break', { backend: 'shop\n' }],
  ['a server in both groups', { canary: ['s1'] }],
  ['a group of nobody', { stable: [] }],
  ['a group too large', { stable: Array.from({ length: 129 }, (_, at) => `s${at}`) }],
  ['a socket that is none', { socket: 'admin.sock' }],
])('%s is refused at once', (_, over) => {
  expect(() => haproxy({ ...GROUPS, socket: '/run/haproxy/admin.sock', ...over })).toThrow(expect.objectContaining({ code: 'invalid' }))
})

test.each([-1, 101, 1.5, Number.NaN])('percent %s is refused before anything is asked', async (percent) => {
  const real = await scriptedHaproxy(AT_0)
  await expect(routerOf(real).set(percent)).rejects.toMatchObject({ code: 'invalid' })
  expect(real.commands).toEqual([])
})
