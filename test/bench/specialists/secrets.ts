/** Secrets in Dockerfiles and manifests: infrasec and platform-devops beside gitleaks. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dockerfileFindings } from '../../../agents/platform/infrasec.rules.ts'
import { kubernetesFindings } from '../../../agents/platform/platform-devops.kubernetes.ts'
import { ended } from '../../support/tools.ts'
import { compare, type Seen } from './compare.ts'
import { nameOf } from './corpus.ts'
import { recipes } from './dockerfiles.ts'
import { SECRETS } from './explained.secrets.ts'
import { manifestFiles } from './manifests.ts'
import { programOf, type Part } from './part.ts'
import { plantedSecrets } from './secrets.planted.ts'

const IN_IMAGE = 'variable of an image'
const IN_POD = 'variable of a pod, Secret or ConfigMap'
const RULES = /^(?:image\.secret-in-(?:env|arg)|manifest\.secret-in-(?:env|repository|config))$/

interface File {
  readonly class: string
  readonly name: string
  readonly text: string
}

export const gitleaks: Part = {
  topic: 'Secrets',
  specialist: 'gitleaks',
  explained: SECRETS,
  async run(dir) {
    const program = programOf('gitleaks')
    const found: File[] = [
      ...(await recipes()).map((file) => ({ class: IN_IMAGE, name: nameOf(file), text: file.text })),
      ...(await manifestFiles()).map((file) => ({ class: IN_POD, name: nameOf(file), text: file.text })),
    ]
    const planted = plantedFiles()
    const files = [...found, ...planted]
    const theirs = await scanned(program, dir, files)
    return {
      what: `${found.length} files of projects, and ${planted.length} with a planted secret or something harmless`,
      compared: compare([IN_IMAGE, IN_POD], files.flatMap(ours), theirs),
    }
  },
}

function ours({ class: name, name: file, text }: File): Seen[] {
  const findings =
    name === IN_IMAGE
      ? dockerfileFindings('Dockerfile', text)
      : kubernetesFindings([{ path: 'a.yaml', text, why: null, kind: 'kubernetes' }], []).findings
  return findings.some(({ rule }) => RULES.test(rule)) ? [{ class: name, file }] : []
}

function plantedFiles(): File[] {
  return Object.entries(plantedSecrets()).flatMap(([what, [name, value]]): File[] => [
    { class: IN_IMAGE, name: `planted: ${what}`, text: `FROM scratch\nENV ${name}=${value}\nCMD ["/shop"]\n` },
    {
      class: IN_POD,
      name: `planted: ${what}`,
      text: `apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\nspec:\n  containers:\n    - name: shop\n      env:\n        - name: ${name}\n          value: ${JSON.stringify(value)}\n`,
    },
  ])
}

/** With the rules that it brings. */
async function scanned(program: string, dir: string, files: readonly File[]): Promise<Seen[]> {
  const by = new Map<string, File>()
  for (const [index, file] of files.entries()) {
    const folder = join(dir, String(index))
    const path = join(folder, file.class === IN_IMAGE ? 'Dockerfile' : 'shop.yaml')
    await mkdir(folder)
    await writeFile(path, file.text)
    by.set(path, file)
  }
  const options = ['--no-banner', '--redact', '--exit-code=0', '--report-format=json', '--report-path=-', '--log-level=error']
  const { code, out, err } = await ended(program, ['dir', dir, ...options])
  if (code !== 0) throw new Error(`gitleaks ended with ${code}: ${err.slice(0, 300)}`)
  return (JSON.parse(out) as { readonly File: string; readonly RuleID: string }[]).flatMap(({ File: path }) => {
    const file = by.get(path)
    return file === undefined ? [] : [{ class: file.class, file: file.name }]
  })
}
