import { expect, test } from 'vitest'
import { closure, codeOf, importsOf, SOURCES } from './tree.ts'

/** Code that decides: with everything it uses at run time it must answer the same for the same question, for ever. */
const PURE = SOURCES.filter((path) =>
  [
    /^gates\//,
    /^evidence\/(?:core|model|config|sbom|slo)\//,
    /^evidence\/chart\/(?!png\.ts)/,
    /^agents\/(?:replay|replay-responses|respond)\.ts$/,
    /^app\/rollout\/replay\.ts$/,
    /^agents\/(?!collect\/)[^/]+\//,
    /^app\/release\/(?:state|next)\.ts$/,
    /^app\/rollout\/next\.ts$/,
  ].some((pattern) => pattern.test(path)),
)
const ALLOWED_BUILTINS = new Set(['node:crypto', 'node:zlib', 'node:buffer'])
const RANDOM = /\b(?:random[A-Z]\w*|generateKey\w*|getRandomValues|webcrypto)\b/
const WORLD: readonly (readonly [string, RegExp])[] = [
  ['the clock', /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\.|\bTemporal\.Now\b/],
  ['chance', /\bMath\.random\b|\bcrypto\.(?:random|getRandom)/],
  ['the process', /\bprocess\.|\bglobalThis\b|\bimport\.meta\.(?:env|dirname|filename|url)/],
  ['the network', /\bfetch\(|\bWebSocket\b/],
  ['timers', /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ['the console', /\bconsole\./],
]

test('pure code is where it is said to be', () => {
  for (const path of [
    'gates/evaluate.ts',
    'evidence/core/digest.ts',
    'evidence/model/verdict.ts',
    'agents/platform/infrasec.ts',
    'app/release/next.ts',
    'app/release/state.ts',
    'app/rollout/next.ts',
  ])
    expect(PURE).toContain(path)
})

test('pure code imports no clock, disk, network or randomness, nor anything that does', () => {
  const wrong = closure(PURE)
    .flatMap(importsOf)
    .filter((each) => !each.typeOnly && each.to.startsWith('node:') && (!ALLOWED_BUILTINS.has(each.to) || RANDOM.test(each.names)))
    .map((each) => `${each.from} imports ${each.names} from ${each.to}`)
  expect(wrong).toEqual([])
})

test('pure code names no clock, disk, network or randomness', () => {
  const wrong = closure(PURE).flatMap((path) => {
    const code = codeOf(path)
    return WORLD.filter(([, pattern]) => pattern.test(code)).map(([what]) => `${path} uses ${what}`)
  })
  expect(wrong).toEqual([])
})

test.each([
  ['the clock', 'const t = new Date()'],
  ['the clock', 'return Date.now()'],
  ['chance', 'Math.random() < 0.5'],
  ['the process', 'process.env.X'],
  ['the network', 'await fetch(url)'],
  ['timers', 'setTimeout(f, 1)'],
])('%s is seen in %s', (what, code) => {
  expect(WORLD.filter(([, pattern]) => pattern.test(code)).map(([name]) => name)).toEqual([what])
})

test('a time that is given is no clock', () => {
  expect(WORLD.some(([, pattern]) => pattern.test('new Date(milliseconds).toISOString()'))).toBe(false)
})
