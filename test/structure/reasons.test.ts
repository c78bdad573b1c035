import { expect, test } from 'vitest'
import { REASONS } from '../../evidence/model/reasons.ts'
import { GateId } from '../../evidence/model/phases.ts'
import { SOURCES, text } from './tree.ts'

const CODES = Object.keys(REASONS)

test('every reason code is used, and stands in the table', () => {
  const used = SOURCES.filter((path) => path !== 'evidence/model/reasons.ts')
    .map(text)
    .join('\n')
  const rego = text('gates/policy/rego/commands.rego')
  expect(CODES.filter((code) => !used.includes(`'${code}'`) && !rego.includes(`"${code}"`))).toEqual([])
  expect([...rego.matchAll(/"(command\.[^"]+)"/g)].filter(([, code = '']) => !CODES.includes(code))).toEqual([])
  expect(CODES.filter((code) => !text('docs/reasons.md').includes(`| \`${code}\` |`))).toEqual([])
})

test('a code is `<gate>.<what>` in kebab case, and its meaning says what to do', () => {
  for (const code of CODES) {
    const [gate, what] = code.split('.')
    expect([...GateId.options, 'gate', 'config', 'rollback', 'command']).toContain(gate)
    expect(what).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
    expect(REASONS[code as keyof typeof REASONS]).toMatch(/\.$/)
  }
})
