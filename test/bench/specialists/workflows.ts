/** Workflows: cicd-engineer beside zizmor and actionlint. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readWorkflow } from '../../../agents/platform/cicd-engineer.workflows.ts'
import { ended } from '../../support/tools.ts'
import { compare } from './compare.ts'
import { corpus, nameOf, type CorpusFile } from './corpus.ts'
import { ACTIONLINT, ZIZMOR } from './explained.workflows.ts'
import { programOf, seenBy, type Classes, type Part } from './part.ts'
import { PLANTED } from './workflows.planted.ts'

const FOR_ZIZMOR: Classes = {
  'code by a tag': { ours: ['workflow.action-unpinned'], theirs: ['unpinned-uses'] },
  'image by a tag': { ours: ['workflow.image-unpinned'], theirs: ['unpinned-images'] },
  "a stranger's text in a script": { ours: ['workflow.script-injection'], theirs: ['template-injection'] },
  'a trigger with secrets for strangers': { ours: ['workflow.dangerous-trigger', 'workflow.head-checkout'], theirs: ['dangerous-triggers'] },
  'too many permissions': {
    ours: ['workflow.write-all', 'workflow.permissions-wide', 'workflow.permissions-missing'],
    theirs: ['excessive-permissions'],
  },
  'credentials that stay': { ours: ['workflow.credentials-kept'], theirs: ['artipacked'] },
  'every secret handed on': { ours: ['workflow.all-secrets'], theirs: ['secrets-inherit'] },
}
const FOR_ACTIONLINT: Classes = {
  "a stranger's text in a script": { ours: ['workflow.script-injection error'], theirs: ['expression'] },
  'not as GitHub reads it': {
    ours: [
      'workflow.broken error',
      'workflow.doubled-key error',
      'workflow.bomb error',
      'workflow.unknown-event error',
      'workflow.unknown-key warning',
    ],
    theirs: ['syntax-check', 'job-needs', 'events', 'glob', 'id', 'permissions'],
  },
  'a name that nothing has': {
    ours: ['workflow.broken-expression error', 'workflow.unknown-name error', 'workflow.unknown-name warning'],
    theirs: ['expression-name'],
  },
  'a condition that is always true': { ours: ['workflow.always-true error'], theirs: ['if-cond'] },
  'a password in the file': { ours: ['workflow.password-in-file error'], theirs: ['credentials'] },
  'a command taken back': { ours: ['workflow.old-command warning'], theirs: ['deprecated-commands'] },
}

export const zizmor: Part = {
  topic: 'Workflows',
  specialist: 'zizmor',
  explained: ZIZMOR,
  async run() {
    const program = programOf('zizmor', 'python/bin/')
    const files = await workflows()
    const said = files.flatMap((file) => readWorkflow(file.path, file.text).findings.map(({ rule }) => ({ file: nameOf(file), rule })))
    const theirs = seenBy('theirs', FOR_ZIZMOR, await audited(program, files))
    return { what: `${files.length} files`, compared: compare(Object.keys(FOR_ZIZMOR), seenBy('ours', FOR_ZIZMOR, said), theirs) }
  },
}

export const actionlint: Part = {
  topic: 'Workflows',
  specialist: 'actionlint',
  explained: ACTIONLINT,
  async run(dir) {
    const program = programOf('actionlint')
    const planted = await plantedIn(dir)
    const found = await workflows()
    const files = [...found, ...planted]
    const said = files.flatMap((file) =>
      readWorkflow('.github/workflows/a.yml', file.text).findings.map(({ rule, severity }) => ({ file: nameOf(file), rule: `${rule} ${severity}` })),
    )
    const theirs = seenBy('theirs', FOR_ACTIONLINT, await linted(program, files))
    return {
      what: `${found.length} files, and ${planted.length} with a planted fault or its healthy twin`,
      compared: compare(Object.keys(FOR_ACTIONLINT), seenBy('ours', FOR_ACTIONLINT, said), theirs),
    }
  },
}

export function workflows(): Promise<readonly CorpusFile[]> {
  return corpus(/^\.github\/workflows\/[^/]+\.ya?ml$/)
}

async function plantedIn(dir: string): Promise<readonly CorpusFile[]> {
  return Promise.all(
    Object.entries(PLANTED).map(async ([name, text]) => {
      const at = join(dir, `${name.replaceAll(' ', '-')}.yml`)
      await writeFile(at, text)
      return { project: 'planted:', path: name, at, text }
    }),
  )
}

interface Said {
  readonly file: string
  readonly rule: string
}

interface ZizmorFinding {
  readonly ident: string
  readonly determinations: { readonly severity: string }
  readonly locations: readonly { readonly symbolic: { readonly key: { readonly Local?: { readonly verbatim_path: string } } } }[]
}

/** What it calls informational is no fault, as it says itself. */
async function audited(program: string, files: readonly CorpusFile[]): Promise<Said[]> {
  const options = ['--offline', '--no-progress', '--no-config', '--no-exit-codes', '--format=json-v1']
  const { out } = await ended(program, [...options, ...files.map(({ at }) => at)])
  return said(
    files,
    (JSON.parse(out) as ZizmorFinding[])
      .filter(({ determinations }) => determinations.severity !== 'Informational')
      .map(({ ident, locations }) => ({ at: locations[0]?.symbolic.key.Local?.verbatim_path ?? '', rule: ident })),
  )
}

async function linted(program: string, files: readonly CorpusFile[]): Promise<Said[]> {
  const options = ['-no-color', '-shellcheck=', '-pyflakes=', '-format', '{{json .}}']
  // It names files as seen from where it runs.
  const { out } = await ended(program, [...options, ...files.map(({ at }) => at)], { cwd: '/' })
  const found = JSON.parse(out) as { readonly kind: string; readonly filepath: string; readonly message: string }[]
  return said(
    files,
    found.map(({ kind, filepath, message }) => {
      const isName = kind === 'expression' && !message.includes('potentially untrusted')
      return { at: `/${filepath}`, rule: isName ? 'expression-name' : kind }
    }),
  )
}

function said(files: readonly CorpusFile[], found: readonly { readonly at: string; readonly rule: string }[]): Said[] {
  const names = new Map(files.map((file) => [file.at, nameOf(file)]))
  return found.flatMap(({ at, rule }) => {
    const file = names.get(at)
    return file === undefined ? [] : [{ file, rule }]
  })
}
