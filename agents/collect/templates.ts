/** Input `templates`: the files that the config says came from templates, at the commit, and every version of those templates on the base branch. */
import { z } from 'zod'
import { TemplatedFiles } from '../../evidence/model/config/templates.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { readFiles } from './files.ts'
import { blocked, gateSettings } from './gate-settings.ts'
import { baseCommit, git, headCommit, tree, type TreeEntry } from './git.ts'
import type { ReadFile } from './inputs.supply-chain.ts'
import type { TemplatedFile, TemplateVersion } from './inputs.templates.ts'

const Settings = z.looseObject({ templates: TemplatedFiles })
const MOST_BYTES = 256 << 10
const VERSIONS = { what: 'versions of templates', files: 1000, fileBytes: MOST_BYTES, totalBytes: 16 << 20 }
const FILES = { what: 'templated files', files: 100, fileBytes: MOST_BYTES, totalBytes: 16 << 20 }

export async function collectTemplates(context: CollectContext): Promise<Collected<'templates'>> {
  const read = await gateSettings(context, 'hardening', Settings)
  if ('blocked' in read) return read
  const named = read.settings.templates
  if (named.length === 0)
    return blocked(
      'templates',
      '`gates.hardening.templates` of the config names no file that came from a template',
      'Name them, or say under `not_applicable` with the key `hardening.templates`, on the base branch, why there is none.',
    )
  const { workspace } = context
  const head = await headCommit(workspace, context.sha)
  // A preview on a desk has its config from there, and its templates too.
  const base = context.config === undefined ? await baseCommit(workspace, context.base) : head
  const began = await beganAt(workspace, base, head)
  const patterns = [...new Set(named.map(({ template }) => template))].toSorted()
  const paths = named.map(({ file }) => file)
  const now = await textsOf(context, head, paths)
  const executable = new Set((await tree(workspace, head)).filter(({ mode }) => mode === '100755').map(({ path }) => path))
  const before = began === null ? new Map<string, ReadFile>() : await textsOf(context, began, paths)
  const files = named.map(({ file, template, values }): TemplatedFile => ({
    ...(now.get(file) ?? { path: file, text: null, why: 'there is no such file' }),
    template,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
    executable: executable.has(file),
    before: before.get(file)?.text ?? null,
  }))
  return { value: { head, base, templates: await versionsOf(context, await tree(workspace, base), patterns), files } }
}

/** Where the release left the base branch; null when they have nothing in common. */
async function beganAt(workspace: string, base: string, head: string): Promise<string | null> {
  try {
    return (await git(workspace, ['merge-base', base, head], 1000)).toString('utf8').trim()
  } catch (error) {
    if (error instanceof CollectError && error.code === 'git-failed') return null
    throw error
  }
}

async function textsOf(context: CollectContext, commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, ReadFile>> {
  const wanted = new Set(paths)
  const entries = (await tree(context.workspace, commit)).filter(({ path, type }) => type === 'blob' && wanted.has(path))
  return new Map((await readFiles(context, entries, FILES)).map((file) => [file.path, file]))
}

/** `templates/dockerfile/v*.txt` and v2.txt, v10.txt -> 2, 10. */
async function versionsOf(
  context: CollectContext,
  entries: readonly TreeEntry[],
  patterns: readonly string[],
): Promise<{ pattern: string; versions: TemplateVersion[] }[]> {
  const found = patterns.map((pattern) => ({ pattern, numbers: numbersOf(pattern, entries) }))
  const wanted = new Set(found.flatMap(({ numbers }) => [...numbers.keys()]))
  const read = await readFiles(
    context,
    entries.filter(({ path }) => wanted.has(path)),
    VERSIONS,
  )
  return found.map(({ pattern, numbers }) => ({
    pattern,
    versions: read
      .flatMap((file): TemplateVersion[] => {
        const version = numbers.get(file.path)
        return version === undefined ? [] : [{ ...file, version }]
      })
      .toSorted((a, b) => a.version - b.version),
  }))
}

function numbersOf(pattern: string, entries: readonly TreeEntry[]): ReadonlyMap<string, number> {
  const [before = '', after = ''] = pattern.split('*')
  return new Map(
    entries.flatMap(({ path, type }): [string, number][] => {
      if (type !== 'blob' || !path.startsWith(before) || !path.endsWith(after)) return []
      const number = path.slice(before.length, path.length - after.length)
      return /^(?:0|[1-9]\d{0,5})$/.test(number) ? [[path, Number(number)]] : []
    }),
  )
}
