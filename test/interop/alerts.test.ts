/** Prometheus itself reads our alerts and runs their tests; and these tests see each alert that says nothing, or says it always. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { text } from '../structure/tree.ts'
import { ended, tool } from '../support/tools.ts'

const PROMTOOL = tool('promtool')
const FOLDER = join(import.meta.dirname, '../../deploy/prometheus')
const ALERTS = parse(text('deploy/prometheus/alerts.yml')) as { groups: { rules: { alert: string; expr: string }[] }[] }
const NAMES = ALERTS.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alerts-'))
  await cp(FOLDER, folder, { recursive: true })
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function run(command: 'check' | 'test'): Promise<number> {
  return (await ended(PROMTOOL ?? '', [command, 'rules', command === 'check' ? 'alerts.yml' : 'alerts.test.yml'], { cwd: folder })).code
}

async function withExpression(alert: string, expression: string): Promise<void> {
  const changed = structuredClone(ALERTS)
  for (const rule of changed.groups.flatMap(({ rules }) => rules)) if (rule.alert === alert) rule.expr = expression
  await writeFile(join(folder, 'alerts.yml'), stringify(changed))
}

describe.skipIf(PROMTOOL === null)('promtool (skipped where Prometheus is not installed)', () => {
  test('the rules are right, and each is raised by what it is for and by nothing healthy', async () => {
    expect(await run('check')).toBe(0)
    expect(await run('test')).toBe(0)
  })

  test.each(NAMES)('%s: its silence would be seen, and its noise', async (alert) => {
    await withExpression(alert, 'vector(1) == 0')
    expect(await run('test')).not.toBe(0)
    await withExpression(alert, 'vector(1)')
    expect(await run('test')).not.toBe(0)
  })
})
