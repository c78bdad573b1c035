import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { FolderEntry } from '../../../app/release/ports.ts'
import { slosAt } from '../../../app/release/slos.ts'
import { REPOSITORY } from '../../support/release.ts'

const SHOP = ['slo/availability.yaml', 'slo/latency.yaml', 'slo/service.yaml']
const FILES = new Map(SHOP.map((path) => [path, readFileSync(`test/shop/v1/${path}`, 'utf8')]))

interface Asked {
  readonly asked: string[]
  readonly read: Parameters<typeof slosAt>[0]
}

function repository(files: ReadonlyMap<string, string> = FILES, more: readonly FolderEntry[] = []): Asked {
  const asked: string[] = []
  return {
    asked,
    read: {
      file: async (_repository, path, ref) => {
        asked.push(`${path}@${ref.slice(0, 1)}`)
        const text = files.get(path)
        return text === undefined ? null : { text, commit: ref }
      },
      folder: async (_repository, path, ref) => {
        asked.push(`${path}/@${ref.slice(0, 1)}`)
        const inside = [...files.keys()].filter((name) => name.startsWith(path === '' ? '' : `${path}/`))
        const depth = path === '' ? 1 : path.split('/').length + 1
        const entries = new Map<string, FolderEntry>()
        for (const name of inside) {
          const parts = name.split('/')
          const here = parts.slice(0, depth).join('/')
          entries.set(here, { path: here, kind: parts.length === depth ? 'file' : 'folder' })
        }
        return [...entries.values(), ...more]
      },
    },
  }
}

let last = 0
/** Each test reads another commit, since what a commit says is kept. */
const commit = (): string => (++last).toString(16).padStart(40, '0')
const ids = async (patterns: readonly string[], of = repository()) => {
  const found = await slosAt(of.read, REPOSITORY, { slos: [...patterns] }, commit())
  return found?.ok === true ? found.slos.map(({ id }) => id) : (found?.message ?? null)
}

test('files are found by path and pattern, and read once for a commit', async () => {
  const of = repository()
  const at = commit()
  const first = await slosAt(of.read, REPOSITORY, { slos: ['slo/*.yaml'] }, at)
  expect(first).toMatchObject({
    ok: true,
    slos: [
      { id: 'availability', target: 0.99 },
      { id: 'latency', target: 0.95 },
    ],
  })
  expect(of.asked).toEqual(['slo/@0', ...SHOP.map((path) => `${path}@0`)])
  expect(await slosAt(of.read, REPOSITORY, { slos: ['slo/*.yaml'] }, at)).toBe(first)
  expect(of.asked).toHaveLength(4)
  expect(await ids(['slo/availability.yaml'])).toEqual(['availability'])
  expect(await ids(['**/*.yaml', '!slo/latency.yaml'])).toEqual(['availability'])
})

test('a config that names none has none', async () => {
  const of = repository()
  expect(await slosAt(of.read, REPOSITORY, { slos: [] }, commit())).toBeUndefined()
  expect(of.asked).toEqual([])
})

test.each<[string, readonly string[], Asked, RegExp]>([
  ['a file that is not there', ['slo/none.yaml'], repository(), /^slos names slo\/none\.yaml, and there is no such file at 0{10}/],
  ['a pattern that nothing is', ['objectives/*.yaml'], repository(), /^slos names objectives\/\*\.yaml, and there is no such file/],
  ['a file that is no OpenSLO', ['slo/*.yaml'], repository(new Map([['slo/a.yaml', 'kind: SLO\n']])), /^slos cannot be used: slo\/a\.yaml:1:1/],
  [
    'more files than are read',
    ['slo/*.yaml'],
    repository(new Map(Array.from({ length: 51 }, (_, at) => [`slo/${at}.yaml`, '']))),
    /names 51 files; at most 50/,
  ],
  [
    'more folders than are looked into',
    ['**/*.yaml'],
    repository(new Map(Array.from({ length: 21 }, (_, at) => [`${at}/a.yaml`, '']))),
    /more than 20 folders/,
  ],
])('%s promotes nothing', async (_what, patterns, of, words) => {
  expect(await ids(patterns, of)).toMatch(words)
})

test('what GitHub does not answer is told, and asked again', async () => {
  const of = repository()
  const at = commit()
  const away = { ...of.read, file: () => Promise.reject(new Error('502')) }
  expect(await slosAt(away, REPOSITORY, { slos: ['slo/latency.yaml'] }, at)).toEqual({
    ok: false,
    message: 'the files of slos could not be read: 502',
  })
  expect(await slosAt(of.read, REPOSITORY, { slos: ['slo/latency.yaml'] }, at)).toMatchObject({ ok: true })
})
