import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { VERBS } from '../../app/cli/commands/index.ts'
import { EXIT } from '../../app/cli/verb.ts'
import { compared } from '../../agents/developer-experience/template-keeper.compare.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { TemplatedFiles } from '../../evidence/model/config/templates.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import { gatePolicies } from '../../gates/index.ts'
import { filesUnder, isPresent, text } from './tree.ts'

const DOCUMENTS = [
  'README.md',
  '.github/CONTRIBUTING.md',
  '.github/SECURITY.md',
  'CHANGELOG.md',
  ...filesUnder('docs').filter((path) => path.endsWith('.md')),
  'agents/README.md',
  'app/README.md',
  'deploy/README.md',
].filter(isPresent)
const scripts: Record<string, string> = JSON.parse(text('package.json')).scripts

test('every pnpm command in a document is a script of package.json', () => {
  const named = DOCUMENTS.flatMap((path) =>
    [...text(path).matchAll(/pnpm(?:@[\d.]+)? (?:run )?([a-z][a-z:-]*)/g)].map((match) => [path, match[1] ?? ''] as const),
  )
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter(([, script]) => !Object.hasOwn(scripts, script) && script !== 'install')).toEqual([])
})

test('every script runs a file that is there', () => {
  const files = Object.values(scripts).flatMap((script) => /^node (\S+\.ts)/.exec(script)?.[1] ?? [])
  expect(files.filter((path) => !isPresent(path))).toEqual([])
})

test('every release-conductor command in a document exists', () => {
  const named = DOCUMENTS.flatMap((path) =>
    [...text(path).matchAll(/`(?:pnpm )?release-conductor ([a-z]+)|^ {4}(?:pnpm )?release-conductor ([a-z]+)/gm)].map(
      (match) => match[1] ?? match[2] ?? '',
    ),
  )
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((word) => word !== 'help' && VERBS.every((verb) => verb.name !== word))).toEqual([])
})

test('the README opens with the two commands, and tells every exit code', () => {
  const readme = text('README.md')
  expect(readme.slice(0, 3500)).toContain('npx -y pnpm@12.21.0 demo')
  expect(readme.slice(0, 3500)).toContain('npx -y pnpm@12.21.0 test')
  for (const code of Object.values(EXIT)) expect(readme).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})

test('every link to a file leads to one', () => {
  const broken = DOCUMENTS.flatMap((path) => {
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : ''
    return [...text(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map((match) => new URL(`file:///${folder}${match[1] ?? ''}`).pathname.slice(1))
      .filter((target) => !isPresent(target) && !isFolder(target))
  })
  expect(broken).toEqual([])
})

function isFolder(path: string): boolean {
  try {
    return filesUnder(path.replace(/\/$/, '')).length > 0
  } catch {
    return false
  }
}

test('our own config is right, and our owners own every path', () => {
  const parsed = parseConfig(text('.github/release-conductor.yml'), gatePolicies())
  expect(parsed.ok ? [] : parsed.errors).toEqual([])
  expect(text('.github/CODEOWNERS')).toMatch(/^\*\s+@release-conductor\/maintainers$/m)
})

/** Versions of a template of ours, oldest first. */
const versions = (pattern: string) =>
  filesUnder('.github/templates')
    .filter((path) => isListed(path, [pattern]))
    .map((path) => ({ path, text: text(path), why: null, version: Number(/v(\d+)\.txt$/.exec(path)?.[1]) }))
    .toSorted((a, b) => a.version - b.version)

test('our own files that came from templates are what these require', () => {
  const parsed = parseConfig(text('.github/release-conductor.yml'), gatePolicies())
  const named = TemplatedFiles.parse((parsed.ok ? parsed.config.gates.hardening : {})?.['templates'])
  const found = named.map(({ file, template, values }) => {
    const filled = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
    const { findings, sections } = compared(
      { path: file, text: text(file), why: null, template, values: filled, executable: false, before: null },
      versions(template),
    )
    return [file, sections.length, findings.filter(({ severity }) => severity !== 'info')]
  })
  expect(found).toEqual([
    ['.github/workflows/promote.yml', 4, []],
    ['.github/workflows/rollback.yml', 4, []],
  ])
})

test('the pull-request template has the seven sections', () => {
  const sections = [...text('.github/pull_request_template.md').matchAll(/^## (.+)$/gm)].map((match) => match[1])
  expect(sections).toEqual(['Impact', 'Gates affected', 'Canary plan', 'Rollback', 'Runbooks', 'Evidence paths', 'Risk and owner'])
})

test('CI runs the same as everybody', () => {
  const ci: { jobs: { ci: { steps: { run?: string }[] } } } = parse(text('.github/workflows/ci.yml'))
  expect(ci.jobs.ci.steps.some((step) => step.run === '.ci/run')).toBe(true)
  expect(text('.ci/run')).toContain('run --phase=P0')
})
