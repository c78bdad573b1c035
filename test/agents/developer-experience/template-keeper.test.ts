import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileText, given, PATTERN, templateText, VALUES, versionOf } from '../../../agents/developer-experience/template-keeper.faults.ts'
import { templateKeeper } from '../../../agents/developer-experience/template-keeper.ts'
import { ActionPlan } from '../../../evidence/model/action-plan.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const assess = (templates = given()) => templateKeeper.assess({ templates }, {})
const plan = (templates = given()) => templateKeeper.plan?.({ templates }, {}) ?? []
const told = (templates: ReturnType<typeof given>) =>
  assess(templates).findings.map(({ rule, severity, line }) => [rule.replace('template.', ''), severity, line])
function fileOf(templates: ReturnType<typeof given>): unknown {
  const [report] = assess(templates).files
  const content = report?.content as { readonly files: readonly unknown[] } | undefined
  return content?.files[0]
}
const behind = (versions: readonly number[]) =>
  told(
    given(
      { text: fileText(2) },
      versions.map((version) => versionOf(version)),
    ),
  )

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(templateKeeper, ['a security section removed from a templated file', 'template two versions behind'])).toEqual([])
  expect(faultsMissed(templateKeeper)).toEqual([])
})

test('what it measured', () => {
  expect(assess().measurements).toMatchObject([
    {
      metrics: { templated_files: 1, templates_unread: 0, behind: 0, drifted: 1, conflicts: 0, required_sections: 1, errors: 0, warnings: 0 },
      measured: { n: 1, query: `Dockerfile from ${PATTERN}` },
    },
  ])
  expect(assess(given({ text: null, why: 'there is no such file' })).measurements[0]).toMatchObject({
    metrics: { templated_files: 1, templates_unread: 1 },
    measured: { n: 0 },
  })
})

test('the report says where each file stands, and names its templates by digest', () => {
  expect(fileOf(given())).toMatchObject({
    state: 'drifted',
    version: 3,
    newest: 3,
    behind: 0,
    planned: false,
    sections: [{ name: 'user', state: 'kept' }],
    drift: [{ line: 5, removed: { count: 0 }, added: { count: 1, lines: ['COPY db ./db'] } }],
  })
  expect(fileOf(given({ text: fileText(3).replace('COPY db ./db\n', '') }))).toMatchObject({ state: 'up-to-date', changes: 0 })
  expect(fileOf(given({ text: fileText(1) }))).toMatchObject({ state: 'behind', version: 1, behind: 2, planned: true })
  expect(assess().files[0]?.content).toMatchObject({
    templates: [{ pattern: PATTERN, versions: [{ version: 1, sha256: sha256(templateText(1)) }, { version: 2 }, { version: 3 }] }],
  })
})

test('one version behind is a warning, two are an error, however they are numbered', () => {
  expect(behind([1, 2])).toEqual([['drifted', 'info', 5]])
  expect(behind([2, 10])).toContainEqual(['behind', 'warning', undefined])
  expect(behind([2, 3, 10])).toContainEqual(['behind', 'error', undefined])
})

test('the plan is the file with both changes, and says the new version', () => {
  const planned = plan(given({ text: fileText(1) }))
  expect(planned).toEqual([{ kind: 'file.write', path: 'Dockerfile', text: fileText(3), why: `From v1 to v3 of ${PATTERN}` }])
  const actions = planned.map((action) => ({ ...action, sha256: sha256(action.text) }))
  expect(ActionPlan.parse({ schema_version: 1, agent: 'template-keeper', actions }).actions).toHaveLength(1)
  const [{ text } = { text: '' }] = planned
  expect(assess(given({ text })).findings.map(({ rule }) => rule)).toEqual(['template.drifted'])
  expect(plan(given({ text }))).toEqual([])
  const windows = plan(given({ text: fileText(1).replaceAll('\n', '\r\n') }))
  expect(windows[0]?.text).toBe(fileText(3).replaceAll('\n', '\r\n'))
})

test('where both changed the same lines there is no plan, and the finding says where', () => {
  const own = given({ text: fileText(2).replace('EXPOSE 8080', 'EXPOSE 8080\nHEALTHCHECK NONE') })
  expect(plan(own)).toEqual([])
  expect(told(own)).toContainEqual(['behind', 'warning', 11])
  expect(fileOf(own)).toMatchObject({
    state: 'conflict',
    conflicts: [{ line: 11, ours: { lines: ['HEALTHCHECK NONE'] }, theirs: { lines: ['HEALTHCHECK CMD ["node", "health.mjs"]'] } }],
  })
})

test('a plan takes nobody the right to execute a file', () => {
  const script = given({ text: fileText(2), executable: true })
  expect(plan(script)).toEqual([])
  expect(assess(script).findings.find(({ rule }) => rule === 'template.behind')?.next).toContain('executed')
})

test('a plan never writes a file that lacks what its template requires', () => {
  const lost = given({ text: fileText(2, []) })
  expect(plan(lost)).toEqual([])
  expect(assess(lost).findings.find(({ rule }) => rule === 'template.behind')?.next).toContain('required sections')
})

test('a section that is another says how it should be, in the words of the template alone', () => {
  const [finding] = assess(given({ text: fileText(3).replace('USER 65532:65532', 'USER hunter2') })).findings
  expect(finding).toMatchObject({
    path: 'Dockerfile',
    subject: 'user',
    line: 7,
    message: expect.stringContaining('line 8 should be `USER 65532:65532`'),
  })
  expect(JSON.stringify(finding)).not.toContain('hunter2')
})

test('a section stands where either version has it, and moves only past more lines than its own', () => {
  const section = ['# release-conductor: required begin user', 'USER 65532:65532', '# release-conductor: required end user', ''].join('\n')
  const early = (text: string) => text.replace(section, '').replace('FROM', `${section}FROM`)
  const moved = [versionOf(2), versionOf(3, early(templateText(3)))]
  expect(told(given({ text: early(fileText(2)) }, moved)).map(([rule]) => rule)).not.toContain('section-moved')
  expect(told(given({ text: early(fileText(3)) }))).toContainEqual(['section-moved', 'error', 2])
  const swapped = fileText(3).replace(`${section}EXPOSE 8080\n`, `EXPOSE 8080\n${section}`)
  expect(told(given({ text: swapped })).map(([rule]) => rule)).toEqual(['drifted'])
})

test('a template that requires nothing is a warning, once for all its files', () => {
  const bare = [versionOf(3, templateText(3, []))]
  const one = given({ text: fileText(3, []) }, bare)
  const two = { ...one, files: [...one.files, ...one.files.map((file) => ({ ...file, path: 'api/Dockerfile' }))] }
  expect(told(two).filter(([rule]) => rule === 'no-required-section')).toEqual([['no-required-section', 'warning', undefined]])
  expect(assess(two).measurements[0]?.measured.n).toBe(2)
})

test('whatever a file holds, it is compared or told, and never thrown at', () => {
  const part = fc.constantFrom(...fileText(2).split('\n'), '# release-conductor: required begin user', '@@port@@', '\r', '\u{FEFF}', '')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (lines) => {
      const templates = given({ text: lines.join('\n') })
      const { measurements, findings } = assess(templates)
      const [measurement] = measurements
      expect(measurement?.measured.n === 1 || findings.some(({ severity }) => severity === 'error')).toBe(true)
      for (const { text } of plan(templates)) expect(assess(given({ text })).findings.filter(({ severity }) => severity === 'error')).toEqual([])
    }),
  )
})

test('long changes are shown in part and counted in whole', () => {
  const many = Array.from({ length: 100 }, (_, at) => `RUN ${at} ${'x'.repeat(1000)}`).join('\n')
  const shown = fileOf(given({ text: fileText(3).replace('COPY db ./db', many), values: VALUES }))
  expect(shown).toMatchObject({ drift: [{ added: { count: 100 } }] })
  expect(JSON.stringify(shown).length).toBeLessThan(10_000)
})
