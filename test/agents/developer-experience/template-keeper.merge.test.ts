import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { hunksOf, merged } from '../../../agents/developer-experience/template-keeper.merge.ts'

const folder = mkdtempSync(join(tmpdir(), 'merge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Few words, so that lines come again and again. */
const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })

function applied(from: readonly string[], to: readonly string[]): string[] {
  const out = [...from]
  for (const { line, removed, added } of hunksOf(from, to)) {
    expect(out.slice(line - 1, line - 1 + removed.length)).toEqual(removed)
    out.splice(line - 1, removed.length, ...added)
  }
  return out
}

test('the changes of one text, made in the other, give the one', () => {
  fc.assert(
    fc.property(lines, lines, (from, to) => {
      expect(applied(from, to)).toEqual(to)
    }),
  )
  expect(hunksOf(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual([
    { line: 2, removed: ['b'], added: ['x'] },
    { line: 4, removed: [], added: ['d'] },
  ])
  expect(hunksOf(['a'], ['a'])).toEqual([])
})

test('whoever changed nothing gives way, both the same is once, and neither side is the better one', () => {
  fc.assert(
    fc.property(lines, lines, lines, (base, ours, theirs) => {
      expect(merged(base, base, theirs)).toEqual({ lines: theirs })
      expect(merged(base, ours, base)).toEqual({ lines: ours })
      expect(merged(base, ours, ours)).toEqual({ lines: ours })
      const [one, other] = [merged(base, ours, theirs), merged(base, theirs, ours)]
      expect('lines' in one ? one.lines : one.conflicts.length).toEqual('lines' in other ? other.lines : other.conflicts.length)
    }),
  )
})

test('a conflict is where both changed, and says what each has', () => {
  expect(merged(['a', 'b', 'c'], ['0', 'a', 'x', 'c'], ['a', 'y', 'c'])).toEqual({
    conflicts: [{ line: 3, base: ['b'], ours: ['x'], theirs: ['y'] }],
  })
  expect(merged(['a', 'b', 'c'], ['0', 'a', 'b', 'c'], ['a', 'b', 'z'])).toEqual({ lines: ['0', 'a', 'b', 'z'] })
})

/** Each line of a text once, with some taken out, changed or added: then there is one way to see what changed. */
function edited(side: string): fc.Arbitrary<string[]> {
  return fc.array(fc.constantFrom('keep', 'keep', 'keep', 'drop', 'change', 'add'), { minLength: 8, maxLength: 8 }).map((acts) =>
    acts.flatMap((act, at) => {
      const line = `line ${at}`
      if (act === 'drop') return []
      return act === 'add' ? [line, `${side} after ${at}`] : [act === 'change' ? `${side} ${at}` : line]
    }),
  )
}

function byGit(texts: readonly (readonly string[])[]): { readonly clean: boolean; readonly text: string } {
  const paths = texts.map((text, at) => {
    writeFileSync(join(folder, String(at)), text.map((line) => `${line}\n`).join(''))
    return join(folder, String(at))
  })
  const { status, stdout } = spawnSync('git', ['merge-file', '-p', '--diff3', ...paths], { encoding: 'utf8' })
  return { clean: status === 0, text: stdout }
}

test('what merges without a conflict is what git makes of it', () => {
  const base = Array.from({ length: 8 }, (_, at) => `line ${at}`)
  fc.assert(
    fc.property(edited('ours'), edited('theirs'), (ours, theirs) => {
      const both = merged(base, ours, theirs)
      const git = byGit([ours, base, theirs])
      expect([git.clean, git.clean ? git.text : '']).toEqual(['lines' in both, 'lines' in both ? both.lines.map((line) => `${line}\n`).join('') : ''])
    }),
    { numRuns: 60 },
  )
})

test('long texts of one line again and again are merged in bounded time', () => {
  const long = Array.from({ length: 2000 }, () => '')
  expect(merged(long, ['x', ...long], [...long, 'y'])).toEqual({ lines: ['x', ...long, 'y'] })
  const other = Array.from({ length: 2000 }, (_, at) => String(at))
  expect(hunksOf(long, other)).toHaveLength(1)
})
