import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeProblem } from '../../../app/cli/node-version.ts'

test.each(['24.15.0', '24.21.0', '25.0.0', '100.0.0'])('%s will do', (version) => {
  expect(nodeProblem(version)).toBeNull()
})

test.each(['24.14.9', '22.22.0', '20.20.2', '', 'x.y'])('%j is told to be too old', (version) => {
  expect(nodeProblem(version)).toContain('24.15 or newer')
})

test('package.json asks for the same', () => {
  const { engines }: { engines: { node: string } } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'))
  const least = /^>=(\d+)\.(\d+)$/.exec(engines.node)
  expect(nodeProblem(`${least?.[1]}.${least?.[2]}.0`)).toBeNull()
  expect(nodeProblem(`${least?.[1]}.${Number(least?.[2]) - 1}.99`)).toContain('or newer')
})
