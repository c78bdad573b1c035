/** Helm charts of the commit, and whether anybody here can see what they make: Helm writes `# Source: <chart>/…` above all that it renders. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { ManifestFile } from '../collect/inputs.deploy.ts'
import { isRecord, readYaml } from '../yaml.ts'

const LIMITS = { text: 1 << 20, documents: 1 }
const SOURCE = /^# Source: ([^/\s]+)\//gm

/** Folders whose files are templates of a chart, `charts/shop/templates/`. @param charts path of each Chart.yaml */
export function templateFolders(charts: readonly string[]): readonly string[] {
  return charts.map((path) => `${folderOf(path)}templates/`)
}

/**
 * Each chart of which nothing rendered lies here, once: what it makes, nobody looked at. A library makes nothing by itself, and a chart inside of another is
 * rendered with that one.
 */
export function chartFindings(files: readonly ManifestFile[], charts: readonly string[]): readonly Finding[] {
  const templates = templateFolders(charts)
  const rendered = new Set(
    files
      .filter(({ kind, path }) => kind === 'kubernetes' && !templates.some((folder) => path.startsWith(folder)))
      .flatMap(({ text }) => [...(text ?? '').matchAll(SOURCE)].map(([, name]) => name ?? '')),
  )
  const outer = charts.map((path) => `${folderOf(path)}charts/`)
  return files
    .filter(({ kind, path, text }) => kind === 'chart' && text !== null && !outer.some((folder) => path.startsWith(folder)))
    .flatMap(({ path, text }) => {
      const { name, isLibrary } = chartOf(path, text ?? '')
      return isLibrary || rendered.has(name) ? [] : [unrendered(path, name)]
    })
}

/** A chart that cannot be read is called like its folder, as Helm itself wants it. */
function chartOf(path: string, text: string): { readonly name: string; readonly isLibrary: boolean } {
  const file = readYaml(text, LIMITS)
  const value = 'problem' in file ? undefined : file.documents[0]?.value
  const { name, type } = isRecord(value) ? value : {}
  const folder = folderOf(path).split('/').at(-2) ?? ''
  return { name: typeof name === 'string' ? name : folder, isLibrary: type === 'library' }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function unrendered(path: string, name: string): Finding {
  return {
    rule: 'manifest.chart-unrendered',
    severity: 'error',
    path: path.slice(0, 500),
    message: `Nothing here was rendered from the chart ${name}, so nobody looked at what it makes`.slice(0, 1000),
    next: 'Commit what `helm template` prints of it for production, with its `# Source:` lines; or grant an exception for this path where it runs nothing of the release.',
  }
}
