/** Files of well-known public projects, as the Go module proxy has them under one version each: fetched for a run, and never kept here. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { ended } from '../../support/tools.ts'
import { Unavailable } from '../benchmark.ts'

/** With workflows and Dockerfiles. */
export const PROJECTS: readonly string[] = [
  'github.com/anchore/syft@v1.57.1',
  'github.com/cert-manager/cert-manager@v1.21.2',
  'github.com/cilium/cilium@v1.20.2',
  'github.com/fluxcd/flux2/v2@v2.9.5',
  'github.com/grafana/loki/v3@v3.7.8',
  'github.com/open-policy-agent/gatekeeper/v3@v3.23.1',
  'github.com/open-policy-agent/opa@v1.22.3',
  'github.com/prometheus/prometheus@v0.315.0',
  'github.com/sigstore/cosign/v3@v3.1.3',
  'github.com/sigstore/fulcio@v1.8.8',
  'github.com/traefik/traefik/v3@v3.7.13',
  'knative.dev/serving@v0.51.0',
]
/** With manifests. */
export const DEPLOYED: readonly string[] = [
  'github.com/argoproj/argo-rollouts@v1.10.1',
  'github.com/cert-manager/cert-manager@v1.21.2',
  'github.com/cilium/cilium@v1.20.2',
  'github.com/fluxcd/flux2/v2@v2.9.5',
  'github.com/grafana/loki/v3@v3.7.8',
  'github.com/kedacore/keda/v2@v2.21.0',
  'github.com/open-policy-agent/gatekeeper/v3@v3.23.1',
  'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  'github.com/traefik/traefik/v3@v3.7.13',
  'github.com/vmware-tanzu/velero@v1.18.3',
  'go.universe.tf/metallb@v0.16.2',
  'knative.dev/serving@v0.51.0',
  'sigs.k8s.io/cluster-api@v1.14.2',
  'sigs.k8s.io/descheduler@v0.36.0',
  'sigs.k8s.io/kueue@v0.17.0',
  'sigs.k8s.io/metrics-server@v0.9.0',
]

export interface CorpusFile {
  readonly project: string
  /** As in its repository. */
  readonly path: string
  /** On this disk. */
  readonly at: string
  readonly text: string
}

/** Files whose path fits, UTF-8 text of at most `most` bytes. @throws Unavailable when the proxy does not answer */
export async function corpus(wanted: RegExp, projects = PROJECTS, most = 512 << 10): Promise<readonly CorpusFile[]> {
  const found: CorpusFile[] = []
  for (const project of projects) {
    const folder = await folderOf(project)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      const at = join(entry.parentPath, entry.name)
      const path = relative(folder, at)
      if (!entry.isFile() || !wanted.test(path)) continue
      const text = await readFile(at, 'utf8')
      if (text.length <= most) found.push({ project, path, at, text })
    }
  }
  return found.toSorted((a, b) => (a.at < b.at ? -1 : 1))
}

export function nameOf({ path, project }: CorpusFile): string {
  return `${project} ${path}`
}

async function folderOf(project: string): Promise<string> {
  const { code, err, out } = await ended('go', ['mod', 'download', '-json', project], { cwd: '/' }).catch((error: unknown) => {
    throw new Unavailable(`Go is not installed, which fetches the projects: ${String(error).slice(0, 200)}`)
  })
  const dir = code === 0 ? (JSON.parse(out) as { Dir?: string }).Dir : undefined
  if (dir === undefined) throw new Unavailable(`${project} could not be fetched from the Go module proxy: ${(err || out).slice(0, 300)}`)
  return dir
}
