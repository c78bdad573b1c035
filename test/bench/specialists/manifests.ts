/** Kubernetes manifests: platform-devops beside checkov. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kubernetesFindings } from '../../../agents/platform/platform-devops.kubernetes.ts'
import { ended } from '../../support/tools.ts'
import { compare } from './compare.ts'
import { corpus, DEPLOYED, nameOf, type CorpusFile } from './corpus.ts'
import { MANIFESTS } from './explained.manifests.ts'
import { programOf, seenBy, type Classes, type Part } from './part.ts'

const CLASSES: Classes = {
  'every right of the node': { ours: ['manifest.privileged'], theirs: ['CKV_K8S_16'] },
  "what is the node's": { ours: ['manifest.host-namespace'], theirs: ['CKV_K8S_17', 'CKV_K8S_18', 'CKV_K8S_19'] },
  'a port of the node': { ours: ['manifest.host-port'], theirs: ['CKV_K8S_26'] },
  'a folder of the node': { ours: ['manifest.host-path'], theirs: ['CKV_K8S_27'] },
  'may run as root': { ours: ['manifest.run-as-root'], theirs: ['CKV_K8S_23'] },
  'may get more rights': { ours: ['manifest.privilege-escalation'], theirs: ['CKV_K8S_20'] },
  'rights of the kernel': { ours: ['manifest.capabilities'], theirs: ['CKV_K8S_25', 'CKV_K8S_28', 'CKV_K8S_37', 'CKV_K8S_39'] },
  'every call to the kernel': { ours: ['manifest.seccomp'], theirs: ['CKV_K8S_31'] },
  'its files can be changed': { ours: ['manifest.root-writable'], theirs: ['CKV_K8S_22'] },
  'no limit of memory': { ours: ['manifest.no-limits'], theirs: ['CKV_K8S_13'] },
  'no requests': { ours: ['manifest.no-requests'], theirs: ['CKV_K8S_10', 'CKV_K8S_12'] },
  'no readiness': { ours: ['manifest.no-readiness'], theirs: ['CKV_K8S_9'] },
  'no liveness': { ours: ['manifest.no-liveness'], theirs: ['CKV_K8S_8'] },
  'newest image': { ours: ['manifest.image-latest', 'manifest.image-missing'], theirs: ['CKV_K8S_14'] },
  'image without digest': { ours: ['manifest.image-latest', 'manifest.image-by-tag', 'manifest.image-missing'], theirs: ['CKV_K8S_43'] },
  'a token it may not need': { ours: ['manifest.token-mounted'], theirs: ['CKV_K8S_38'] },
  'no NetworkPolicy': { ours: ['manifest.no-network-policy'], theirs: ['CKV2_K8S_6'] },
  'all verbs or resources': { ours: ['manifest.every-right', 'manifest.cluster-admin'], theirs: ['CKV_K8S_49'] },
  'rights that lead to more': {
    ours: ['manifest.rights-to-more', 'manifest.secrets-of-namespace'],
    theirs: [155, 156, 157, 158].map((at) => `CKV_K8S_${at}`).concat([1, 2, 3, 4, 5].map((at) => `CKV2_K8S_${at}`)),
  },
  'rights for the account of every pod': { ours: ['manifest.default-account'], theirs: ['CKV_K8S_42'] },
  'a snippet for the ingress': { ours: ['manifest.ingress-snippet'], theirs: ['CKV_K8S_152', 'CKV_K8S_153', 'CKV_K8S_154'] },
}
/** Tests hold manifests that are wrong on purpose, and a chart has none before it is rendered. */
const OTHERS = /(?:^|\/)(?:testdata|tests?|e2e|fixtures|templates|charts|_data|\.github)\//
const KUSTOMIZATION = /(?:^|\/)kustomization\.ya?ml$/
const AT_ONCE = 2

export const manifests: Part = {
  topic: 'Manifests',
  specialist: 'checkov',
  explained: MANIFESTS,
  async run(dir) {
    const program = programOf('checkov', 'checkov/bin/')
    const files = await manifestFiles()
    const projects = DEPLOYED.map((project) => files.filter((file) => file.project === project))
    const theirs = await inTurn(projects, (of, index) => checkov(program, join(dir, String(index)), of))
    const compared = compare(Object.keys(CLASSES), seenBy('ours', CLASSES, projects.flatMap(ours)), seenBy('theirs', CLASSES, theirs.flat()))
    return { what: `${files.length} files of ${projects.filter((of) => of.length > 0).length} projects`, compared }
  },
}

export async function manifestFiles(): Promise<readonly CorpusFile[]> {
  return (await corpus(/\.ya?ml$/, DEPLOYED)).filter(
    ({ path, text }) => !OTHERS.test(path) && ((/^apiVersion:/m.test(text) && /^kind:/m.test(text)) || KUSTOMIZATION.test(path)),
  )
}

interface Said {
  readonly file: string
  readonly rule: string
}

/** All manifests of a project are looked at together, as the agent does. */
function ours(files: readonly CorpusFile[]): Said[] {
  const given = files.map(({ path, text }) => ({ path, text, why: null, kind: 'kubernetes' as const }))
  const { findings } = kubernetesFindings(given, [])
  const names = new Map(files.map((file) => [file.path, nameOf(file)]))
  return findings.flatMap(({ rule, path = '' }) => {
    const file = names.get(path)
    return file === undefined ? [] : [{ file, rule }]
  })
}

interface Checked {
  readonly results?: { readonly failed_checks: readonly { readonly check_id: string; readonly file_path: string }[] }
}

async function checkov(program: string, dir: string, files: readonly CorpusFile[]): Promise<Said[]> {
  await mkdir(dir)
  const names = new Map<string, string>()
  for (const [index, file] of files.entries()) {
    names.set(`/${index}.yaml`, nameOf(file))
    await writeFile(join(dir, `${index}.yaml`), file.text)
  }
  const { out, err } = await ended(
    program,
    ['--directory=.', '--framework=kubernetes', '--compact', '--quiet', '--skip-download', '--soft-fail', '--output=json'],
    { cwd: dir, env: { BC_SKIP_MAPPING: 'TRUE' } },
  )
  if (!out.startsWith('{')) throw new Error(`checkov answered no JSON: ${(err || out).slice(0, 300)}`)
  return ((JSON.parse(out) as Checked).results?.failed_checks ?? []).flatMap(({ check_id: rule, file_path: path }) => {
    const file = names.get(path)
    return file === undefined ? [] : [{ file, rule }]
  })
}

/** Results in the order of what was given. */
async function inTurn<T, R>(of: readonly T[], run: (one: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = [...of.entries()]
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await run(next[1], next[0])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}
