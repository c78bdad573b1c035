/** The bundle that the config of the base branch approves by its digest: whoever holds those bytes, base or head, they are what was approved. */
import { sha256 } from '../../../evidence/core/digest.ts'
import type { Policies } from '../../../evidence/model/config/policies.ts'
import { contentsOf, type BundleContents } from '../../../gates/policy/bundle.ts'
import { PolicyError } from '../../../gates/policy/error.ts'
import type { CollectContext } from '../collector.ts'
import { blobs, tree } from '../git.ts'
import type { PolicyAnswer, PolicyBundleFile, PolicySet, PolicyTest } from '../inputs.policies.ts'
import { answerOf, isAsked, NOT_COMPILED, unanswered } from './answers.ts'
import type { AskedDocument } from './documents.ts'
import { wasmPolicy, type WasmPolicy } from './wasm.ts'

const MAX_BYTES = 4 << 20
const ALL_MS = 120_000
const TEST = /(?:^|\/)test_[^/]*$/

export interface FoundBundle {
  readonly file: PolicyBundleFile
  /** null: the approved one is not there, or cannot be opened. */
  readonly contents: BundleContents | null
}

/** @throws CollectError */
export async function bundleOf(
  context: CollectContext,
  commits: { readonly base: string; readonly head: string },
  { path, sha256: approved }: NonNullable<Policies['bundle']>,
): Promise<FoundBundle> {
  const [base, head] = [await bytesAt(context, commits.base, path), await bytesAt(context, commits.head, path)]
  const file = { path, approved, base: digestOf(base), head: digestOf(head), revision: null, entrypoints: [], problem: null }
  const bytes = file.head === approved ? head : file.base === approved ? base : null
  if (bytes === null) return { file, contents: null }
  try {
    const contents = contentsOf(bytes)
    return { file: { ...file, revision: contents.revision, entrypoints: [...contents.entrypoints] }, contents }
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return { file: { ...file, problem: error.message.slice(0, 1000) }, contents: null }
  }
}

function digestOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : sha256(bytes)
}

async function bytesAt(context: CollectContext, commit: string, path: string): Promise<Uint8Array | null> {
  const entry = (await tree(context.workspace, commit)).find((one) => one.path === path)
  if (entry === undefined || entry.type !== 'blob' || entry.mode === '120000' || entry.size > MAX_BYTES) return null
  return (await blobs(context.workspace, [entry.object], MAX_BYTES))[0] ?? null
}

type Judged = Pick<PolicySet, 'faults' | 'tests' | 'rules' | 'answers'>

/** Never throws for what the policy does. */
export function judgeByBundle(contents: BundleContents, path: string, asked: ReadonlyMap<string, readonly AskedDocument[]>): Judged {
  const nothing = (why: string): Judged => ({
    faults: [{ path, line: null, message: why }],
    tests: [],
    rules: [],
    answers: [...asked].flatMap(([name, documents]) => documents.map(({ place }) => unanswered(place, name, NOT_COMPILED))),
  })
  let policy: WasmPolicy
  try {
    policy = wasmPolicy(contents.wasm)
  } catch (error) {
    return nothing(said(error))
  }
  const deadline = Date.now() + ALL_MS
  const data = typeof contents.data === 'object' && contents.data !== null ? contents.data : {}
  const tests = policy.entrypoints.filter((entrypoint) => TEST.test(entrypoint)).map((entrypoint) => testOf(policy, entrypoint, data))
  const answers: PolicyAnswer[] = []
  const rules: { package: string; rule: string }[] = []
  for (const [name, documents] of asked) {
    const found = new Map<number, ReadonlyMap<string, unknown> | string>()
    const names = new Set(rulesBelow(policy, name))
    for (const { place, value, file } of documents) {
      const values = Date.now() > deadline ? 'the time for policies was used up' : valuesOf(policy, name, value, { ...data, conftest: { file } })
      found.set(place, values)
      if (typeof values !== 'string') for (const rule of values.keys()) names.add(rule)
    }
    const known = [...names].filter(isAsked).toSorted()
    rules.push(...known.map((rule) => ({ package: name, rule })))
    if (known.length > 0)
      for (const [place, values] of found) answers.push(typeof values === 'string' ? unanswered(place, name, values) : answerOf(place, name, values))
    else answers.push(...[...found].flatMap(([place, values]) => (typeof values === 'string' ? [unanswered(place, name, values)] : [])))
  }
  return { faults: [], tests: tests.slice(0, 2000), rules: rules.slice(0, 2000), answers }
}

/** Rules of a package that are entrypoints of their own. */
function rulesBelow(policy: WasmPolicy, name: string): string[] {
  const below = `${name.replaceAll('.', '/')}/`
  return policy.entrypoints
    .filter((entrypoint) => entrypoint.startsWith(below))
    .map((entrypoint) => entrypoint.slice(below.length))
    .filter((rule) => isAsked(rule) || rule === 'exception')
}

/** @returns what every rule of the package answers, or why that is not known */
function valuesOf(policy: WasmPolicy, name: string, input: unknown, data: unknown): ReadonlyMap<string, unknown> | string {
  const path = name.replaceAll('.', '/')
  try {
    const values = new Map<string, unknown>()
    if (policy.entrypoints.includes(path)) {
      const all: unknown = policy.ask(path, input, data)
      if (typeof all !== 'object' || all === null) return `${path} of the bundle is no package`
      for (const [rule, value] of Object.entries(all)) if (isAsked(rule) || rule === 'exception') values.set(rule, value)
    }
    for (const rule of rulesBelow(policy, name)) if (!values.has(rule)) values.set(rule, policy.ask(`${path}/${rule}`, input, data))
    return values
  } catch (error) {
    return said(error)
  }
}

function testOf(policy: WasmPolicy, entrypoint: string, data: unknown): PolicyTest {
  const at = entrypoint.lastIndexOf('/')
  const named = { package: entrypoint.slice(0, at).replaceAll('/', '.') || '-', name: entrypoint.slice(at + 1) }
  try {
    return { ...named, outcome: policy.ask(entrypoint, undefined, data) === true ? 'pass' : 'fail', why: null }
  } catch (error) {
    return { ...named, outcome: 'error', why: said(error) }
  }
}

function said(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1000)
}
