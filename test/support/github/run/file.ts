/** What GitHub itself reads of a workflow file: its name, its triggers, its inputs, its run-name. The runner reads the rest. */
import { parse } from 'yaml'
import * as git from '../world/git.ts'
import { invalid } from '../world/error.ts'
import type { WorkflowState } from '../world/actions.ts'
import type { Json, Repository } from '../world/model.ts'
import { stamp, type World } from '../world/world.ts'

const MAX_FILE = 500_000

export interface WorkflowFile {
  readonly name: string
  readonly runName: string | null
  /** Event name to its settings; null: no settings. */
  readonly on: Readonly<Record<string, Json | null>>
}

/** Null when there is no such file at that commit, or it is not a workflow. */
export const readWorkflow = async (one: Repository, sha: string, path: string): Promise<WorkflowFile | null> => {
  const found = await git.entry(one.gitDir, sha, path)
  if (found?.type !== 'file' || found.bytes.length > MAX_FILE) return null
  let data: unknown
  try {
    data = parse(found.bytes.toString('utf8'))
  } catch {
    return null
  }
  if (typeof data !== 'object' || data === null) return null
  const file = data as Json
  const raw = file['on'] ?? file['true']
  const on: Record<string, Json | null> = {}
  if (typeof raw === 'string') on[raw] = null
  else if (Array.isArray(raw)) for (const event of raw) on[String(event)] = null
  else if (typeof raw === 'object' && raw !== null) for (const [event, settings] of Object.entries(raw)) on[event] = (settings ?? null) as Json | null
  return {
    name: typeof file['name'] === 'string' ? file['name'] : path,
    runName: typeof file['run-name'] === 'string' ? file['run-name'] : null,
    on,
  }
}

/** The state of a workflow by its path; made when new, so that ids stay. */
export const workflowAt = (world: World, one: Repository, path: string, name: string): WorkflowState => {
  const found = one.workflows.find((each) => each.path === path)
  if (found) {
    found.name = name
    return found
  }
  const fresh: WorkflowState = { id: world.nextId(), path, name, createdAt: stamp(world) }
  one.workflows.push(fresh)
  return fresh
}

/** Workflow files at a commit. */
export const workflowPaths = async (one: Repository, sha: string): Promise<string[]> => {
  const found = await git.entry(one.gitDir, sha, '.github/workflows')
  return found?.type === 'dir'
    ? found.entries.filter((each) => each.type === 'file' && /\.ya?ml$/.test(each.name)).map((each) => `.github/workflows/${each.name}`)
    : []
}

type Inputs = Record<string, string | boolean | number>

/** Checks given inputs against those the file declares; fills in defaults. */
export const resolveInputs = (settings: Json | null, given: Json): Inputs => {
  const declared = (settings?.['inputs'] ?? {}) as Record<string, Json | null>
  const unexpected = Object.keys(given).filter((name) => !(name in declared))
  if (unexpected.length > 0) throw invalid(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  if (Object.keys(declared).length > 25) throw invalid('you may only define up to 25 `inputs` for a `workflow_dispatch` event')
  const out: Inputs = {}
  for (const [name, raw] of Object.entries(declared)) {
    const input = raw ?? {}
    const value = given[name] ?? input['default']
    const type = input['type'] ?? 'string'
    if (value === undefined || value === null || value === '') {
      if (input['required'] === true) throw invalid(`Required input '${name}' not provided`)
      out[name] = type === 'boolean' ? false : ''
      continue
    }
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number')
      throw invalid(`Provided value for input '${name}' is not a string`)
    if (type === 'choice' && !((input['options'] ?? []) as unknown[]).map(String).includes(String(value)))
      throw invalid(`Provided value '${String(value)}' for input '${name}' not in the list of allowed values`)
    if (type === 'boolean' && !/^(true|false)$/.test(String(value)))
      throw invalid(`Provided value '${String(value)}' for input '${name}' is not a boolean`)
    if (type === 'number' && !Number.isFinite(Number(value))) throw invalid(`Provided value '${String(value)}' for input '${name}' is not a number`)
    out[name] = type === 'boolean' ? String(value) === 'true' : type === 'number' ? Number(value) : String(value)
  }
  return out
}

/** Resolves `${{ inputs.x }}` and `${{ github.x }}` in a run-name; anything harder is left to the runner. */
export const titleOf = (runName: string, inputs: Readonly<Inputs>, github: Readonly<Record<string, string>>): string =>
  runName.replace(/\$\{\{\s*(inputs|github(?:\.event\.inputs)?)\.([\w-]+)\s*\}\}/g, (whole, scope: string, name: string) => {
    const value = scope === 'github' ? github[name] : inputs[name]
    return value === undefined ? (scope === 'github' ? whole : '') : String(value)
  })

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.^${}()|\\]/g, '\\$&')
      .replace(/\*\*/g, '\0')
      .replace(/\*/g, '[^/]*')
      .replaceAll('\0', '.*')}$`,
  )

/** Does a list of patterns, `!` for not, choose a name? The last match decides. */
const chosen = (patterns: readonly unknown[], name: string): boolean => {
  let yes = false
  for (const raw of patterns) {
    const pattern = String(raw)
    if (pattern.startsWith('!')) yes = yes && !glob(pattern.slice(1)).test(name)
    else yes = yes || glob(pattern).test(name)
  }
  return yes
}

const list = (value: unknown): unknown[] | null => (Array.isArray(value) ? value : typeof value === 'string' ? [value] : null)

/** Does `on.push` with these settings run for this ref and these changed files? */
export const runsOnPush = (settings: Json | null, ref: string, files: readonly string[]): boolean => {
  const tag = ref.startsWith('refs/tags/')
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  const mine = list(settings?.[tag ? 'tags' : 'branches'])
  const ignored = list(settings?.[tag ? 'tags-ignore' : 'branches-ignore'])
  const others = list(settings?.[tag ? 'branches' : 'tags']) ?? list(settings?.[tag ? 'branches-ignore' : 'tags-ignore'])
  if (mine ? !chosen(mine, name) : ignored ? chosen(ignored, name) : others !== null) return false
  if (tag) return true
  const paths = list(settings?.['paths'])
  const pathsIgnore = list(settings?.['paths-ignore'])
  if (paths) return files.some((file) => chosen(paths, file))
  return pathsIgnore ? files.some((file) => !chosen(pathsIgnore, file)) : true
}
