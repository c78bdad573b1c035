import { expect, test } from 'vitest'
import { filledIn, marksOf } from '../../../agents/developer-experience/template-keeper.markers.ts'

const say = 'release-conductor:'
const marks = (...lines: readonly string[]) => marksOf(lines)

test.each([
  `# ${say} template v3`,
  `  # ${say} template v3  `,
  `// ${say} template v3`,
  `-- ${say} template v3`,
  `<!-- ${say} template v3 -->`,
  `/* ${say} template v3 */`,
  `{{- /* ${say} template v3 */ -}}`,
  `{{/* ${say} template v3 */}}`,
])('%s is a comment that says version 3', (line) => {
  expect(marks('FROM a', line).versions).toEqual([3])
})

test.each([
  `${say} template three`,
  `# ${say} template v03`,
  `# ${say} template v3 or v4`,
  `# ${say} template v9999999`,
  `name: "${say} template v3"`,
  `RUN echo ${say} template v3`,
  `# Release-Conductor: template v3`,
])('%s says no version', (line) => {
  expect(marks(line).versions).toEqual([])
})

test('a section has its marks, its place and its lines', () => {
  const lines = ['a', `# ${say} required begin user`, 'USER 1', `# ${say} required end user`, 'b']
  const { sections, broken } = marksOf(lines)
  expect([...sections]).toEqual([['user', { line: 2, lines: lines.slice(1, 4) }]])
  expect([...broken]).toEqual([])
})

const begin = (name: string) => `# ${say} required begin ${name}`
const end = (name: string) => `# ${say} required end ${name}`

test.each([
  ['begun twice', [begin('a'), 'x', begin('b'), 'y', end('b')], 'a', 'not ended before line 3'],
  ['not ended', [begin('a'), 'x'], 'a', 'not ended'],
  ['not begun', ['x', end('a')], 'a', 'line 2 ends what was not begun'],
  ['ended by another name', [begin('a'), 'x', end('b')], 'b', 'ends what was not begun'],
  ['empty', [begin('a'), end('a')], 'a', 'nothing stands in it'],
  ['twice', [begin('a'), 'x', end('a'), begin('a'), 'x', end('a')], 'a', 'stands twice'],
])('a section that is %s is none', (_, lines, name, why) => {
  expect(marksOf(lines).broken.get(name)).toContain(why)
})

test('placeholders are filled in once; braces of Helm and of Actions are left alone', () => {
  const text = 'a @@service@@ {{ .Values.port }} ${{ github.ref }} @@ -1,2 +1 @@ @@'
  expect(filledIn(text, { service: '@@other@@', other: 'x' })).toEqual({ text: text.replace('@@service@@', '@@other@@'), unknown: [] })
  expect(filledIn('@@a@@ @@constructor@@ @@a@@ @@__proto__@@', {}).unknown).toEqual(['a', 'constructor', '__proto__'])
})

test('hostile lines are read in time that grows with their length', () => {
  const long = `${'#'.repeat(100_000)} ${say} required begin ${'a'.repeat(100_000)}`
  expect(marks(long, `# ${say}${' '.repeat(100_000)}x`, `# ${say} template v1${' '.repeat(100_000)}x`).versions).toEqual([])
  expect(filledIn('@@'.repeat(100_000), {}).unknown).toEqual([])
})
