/** Our rules beside those of specialists, on workflows and Dockerfiles of a dozen well-known public projects. */
import { dockerfileFindings } from '../../agents/platform/infrasec.rules.ts'
import { readWorkflow } from '../../agents/platform/cicd-engineer.workflows.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { ended, tool } from '../support/tools.ts'
import { Unavailable, type Bench, type Benchmark } from './benchmark.ts'
import type { Row } from './row.ts'
import { compare, recallOf, type Compared, type Seen } from './specialists/compare.ts'
import { corpus, PROJECTS, type CorpusFile } from './specialists/corpus.ts'
import { whyNot } from './specialists/explained.ts'

/** Class -> our rules, and the specialist's. */
type Classes = Readonly<Record<string, { readonly ours: readonly string[]; readonly theirs: readonly string[] }>>

const WORKFLOWS: Classes = {
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
const DOCKERFILES: Classes = {
  'runs as root': { ours: ['image.user-root'], theirs: ['DL3002'] },
  'base that can move': { ours: ['image.base-unpinned'], theirs: ['DL3006', 'DL3007'] },
}

export const specialists: Benchmark = {
  name: 'specialists',
  what: 'our rules for workflows and Dockerfiles beside zizmor and hadolint, on public projects (asks the Go module proxy for them)',
  tools: { go: 'Go, from https://go.dev' },
  rounds: 3,
  counted: 'rounds',
  async run(bench) {
    bench.say(`the files of ${PROJECTS.length} projects are fetched`)
    const workflows = await corpus(/^\.github\/workflows\/[^/]+\.ya?ml$/)
    const dockerfiles = await corpus(/(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[A-Za-z0-9._-]+)?$|\.Dockerfile$/)
    bench.say(`zizmor reads ${workflows.length} workflows, hadolint ${dockerfiles.length} Dockerfiles`)
    return [
      ...told(bench, 'zizmor', workflows, compare(Object.keys(WORKFLOWS), oursOf(workflows, WORKFLOWS, workflowFindings), await zizmor(workflows))),
      ...told(
        bench,
        'hadolint',
        dockerfiles,
        compare(Object.keys(DOCKERFILES), oursOf(dockerfiles, DOCKERFILES, imageFindings), await hadolint(dockerfiles)),
      ),
    ]
  },
}

function workflowFindings({ path, text }: CorpusFile): readonly Finding[] {
  return readWorkflow(path, text).findings
}

function imageFindings({ path, text }: CorpusFile): readonly Finding[] {
  return dockerfileFindings(path, text)
}

function oursOf(files: readonly CorpusFile[], classes: Classes, look: (file: CorpusFile) => readonly Finding[]): Seen[] {
  return files.flatMap((file) =>
    look(file).flatMap(({ rule }) => classesOf(classes, 'ours', rule).map((name) => ({ file: nameOf(file), class: name }))),
  )
}

function classesOf(classes: Classes, side: 'ours' | 'theirs', rule: string): string[] {
  return Object.keys(classes).filter((name) => classes[name]?.[side].includes(rule) === true)
}

function nameOf({ path, project }: CorpusFile): string {
  return `${project} ${path}`
}

function programOf(name: string): string {
  const program = tool(`python/bin/${name}`) ?? tool(name)
  if (program === null) throw new Unavailable(`${name} is not installed; RC_TOOLS=$(.ci/tools) has it`)
  return program
}

interface ZizmorFinding {
  readonly ident: string
  readonly determinations: { readonly severity: string }
  readonly locations: readonly { readonly symbolic: { readonly key: { readonly Local?: { readonly verbatim_path: string } } } }[]
}

/** What it calls informational is no fault, as it says itself. */
async function zizmor(files: readonly CorpusFile[]): Promise<Seen[]> {
  const { out } = await ended(programOf('zizmor'), [
    '--offline',
    '--no-progress',
    '--no-config',
    '--no-exit-codes',
    '--format=json-v1',
    ...files.map(({ at }) => at),
  ])
  const names = new Map(files.map((file) => [file.at, nameOf(file)]))
  return (JSON.parse(out) as ZizmorFinding[])
    .filter(({ determinations }) => determinations.severity !== 'Informational')
    .flatMap(({ ident, locations }) => {
      const file = names.get(locations[0]?.symbolic.key.Local?.verbatim_path ?? '')
      return file === undefined ? [] : classesOf(WORKFLOWS, 'theirs', ident).map((name) => ({ file, class: name }))
    })
}

async function hadolint(files: readonly CorpusFile[]): Promise<Seen[]> {
  const { out } = await ended(programOf('hadolint'), ['--no-fail', '--format=json', ...files.map(({ at }) => at)])
  const names = new Map(files.map((file) => [file.at, nameOf(file)]))
  return (JSON.parse(out) as { code: string; file: string }[]).flatMap(({ code, file }) => {
    const name = names.get(file)
    return name === undefined ? [] : classesOf(DOCKERFILES, 'theirs', code).map((of) => ({ file: name, class: of }))
  })
}

function told(bench: Bench, specialist: string, files: readonly CorpusFile[], compared: readonly Compared[]): readonly Row[] {
  bench.tell({
    title: `${specialist} and ours on ${files.length} files: files in which a fault of the class is seen`,
    head: ['class', 'both', 'only ours', `only ${specialist}`],
    rows: compared.map((one) => [one.class, String(one.both), String(one.onlyOurs.length), String(one.onlyTheirs.length)]),
  })
  const missed = compared.flatMap((one) => one.onlyTheirs.map((file) => ({ file, class: one.class })))
  const reasons = missed.map((one) => [one.class, one.file, whyNot(one) ?? 'NOBODY HAS SAID WHY'])
  if (missed.length > 0) bench.tell({ title: `Only ${specialist} sees, and why we do not`, head: ['class', 'file', 'why'], rows: reasons })
  return compared.flatMap((one): Row[] => [
    { benchmark: 'specialists', what: `${one.class}: share of what ${specialist} sees`, unit: '%', ours: recallOf(one), peer: null, limit: null },
    {
      benchmark: 'specialists',
      what: `${one.class}: ${specialist} sees it, we do not, and nobody has said why`,
      unit: 'files',
      ours: one.onlyTheirs.filter((file) => whyNot({ file, class: one.class }) === null).length,
      peer: null,
      limit: 0,
    },
  ])
}
