import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { filesUnder, text } from './tree.ts'

const WORKFLOWS = [...filesUnder('.github/workflows'), ...filesUnder('actions'), ...filesUnder('test/shop')].filter((path) =>
  /(?:\.github\/workflows\/[^/]+|\/action)\.ya?ml$/.test(path),
)

/** Every value of a key, anywhere in the document. */
function valuesOf(document: unknown, key: string): unknown[] {
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).flatMap(([name, value]) => (name === key ? [value, ...valuesOf(value, key)] : valuesOf(value, key)))
}

test('there are workflows to look at', () => {
  expect(WORKFLOWS).toContain('.github/workflows/ci.yml')
})

describe.each(WORKFLOWS)('%s', (path) => {
  const document: unknown = parse(text(path))

  test('every action is pinned by commit', () => {
    const loose = valuesOf(document, 'uses').filter(
      (uses) => typeof uses !== 'string' || !(uses.startsWith('./') || /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(uses)),
    )
    expect(loose).toEqual([])
  })

  test('nothing from outside is pasted into a script (T60)', () => {
    expect(valuesOf(document, 'run').filter((run) => typeof run === 'string' && run.includes('${{'))).toEqual([])
  })

  test('no job has more than it asks for, and none runs for ever', () => {
    const jobs = Object.entries((document as { jobs?: Record<string, Record<string, unknown>> }).jobs ?? {})
    const top = (document as { permissions?: unknown }).permissions
    expect(jobs.filter(([, job]) => job['permissions'] === undefined && top === undefined).map(([name]) => name)).toEqual([])
    expect(jobs.filter(([, job]) => job['uses'] === undefined && typeof job['timeout-minutes'] !== 'number').map(([name]) => name)).toEqual([])
    expect(JSON.stringify([top, ...jobs.map(([, job]) => job['permissions'])])).not.toMatch(/write-all|read-all/)
  })

  test('nothing runs the code of a stranger with our secrets', () => {
    const on: unknown = (document as Record<string, unknown>)['on']
    expect(JSON.stringify(on ?? '')).not.toContain('pull_request_target')
  })
})

/** Scope -> level of each job of a workflow, summed up. */
function asked(workflow: string): Record<string, unknown> {
  const { jobs }: { jobs: Record<string, { permissions?: Record<string, string> }> } = parse(text(workflow))
  return Object.assign({}, ...Object.values(jobs).map((job) => job.permissions)) as Record<string, unknown>
}

interface Caller {
  readonly jobs: Readonly<Record<string, { readonly uses?: string; readonly permissions?: Readonly<Record<string, string>> }>>
}

test.each(['apply.yml', 'conduct.yml', 'phase.yml', 'promote.yml', 'report.yml'])(
  'whoever calls %s as the documents show grants what its jobs ask, and no more (T62)',
  (file) => {
    const callers = filesUnder('docs')
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => [...text(path).matchAll(/^```yaml test\n([\s\S]*?)^```$/gm)].map((match): Partial<Caller> => parse(match[1] ?? '')))
      .flatMap(({ jobs = {} }) => Object.values(jobs))
      .filter(({ uses = '' }) => uses.includes(`/.github/workflows/${file}@`))
    expect(callers.length).toBeGreaterThan(0)
    for (const { permissions } of callers) expect(permissions).toEqual(asked(`.github/workflows/${file}`))
  },
)

test('phase.yml is a phase of conduct.yml, job for job', () => {
  type Jobs = { readonly jobs: Readonly<Record<string, Readonly<Record<string, unknown>>>> }
  const plain = (jobs: Jobs['jobs'], phase: string, prefix: string) =>
    Object.fromEntries(
      ['agents', 'attest'].map((name) => {
        const { if: _condition, needs: _needs, ...job } = jobs[`${prefix}${name}`] ?? {}
        return [
          name,
          JSON.parse(
            JSON.stringify(job)
              .replaceAll(phase, 'PHASE')
              .replaceAll('needs.' + prefix, 'needs.'),
          ),
        ]
      }),
    )
  const conduct = (parse(text('.github/workflows/conduct.yml')) as Jobs).jobs
  const phase = plain((parse(text('.github/workflows/phase.yml')) as Jobs).jobs, '${{ inputs.phase }}', '')
  expect(phase['agents']).toMatchObject({ permissions: { contents: 'read', 'pull-requests': 'read' } })
  expect(plain(conduct, "${{ inputs.phase || 'P0' }}", 'p0-')).toEqual(phase)
  expect(plain(conduct, 'P1', 'p1-')).toEqual(phase)
  const parts = (jobs: Jobs['jobs']) => Object.entries(jobs).filter(([name]) => name.startsWith('parts-'))
  expect(parts(conduct)).toHaveLength(3)
  expect(parts(conduct)).toEqual(parts((parse(text('.github/workflows/phase.yml')) as Jobs).jobs))
})
