/**
 * Input `policies`: what the adopter's Rego answers about each document of the head. The Rego of the base branch judges, so that a release cannot loosen what
 * it is held to; where the head brings other Rego, that is compiled and tested, and judges as well, before it lands.
 */
import { z } from 'zod'
import { Policies } from '../../evidence/model/config/policies.ts'
import type { CollectContext, Collected } from './collector.ts'
import { blocked, gateSettings } from './gate-settings.ts'
import { baseCommit, headCommit, tree } from './git.ts'
import type { PolicySet } from './inputs.policies.ts'
import { bundleOf, judgeByBundle, type FoundBundle } from './policies/bundle.ts'
import { documentsOf, type Documents } from './policies/documents.ts'
import { findOpa, judgeByOpa, type Opa } from './policies/opa.ts'
import { isRego, sourcesOf, type Sources } from './policies/sources.ts'

const Settings = z.looseObject({ policies: Policies.prefault({}) })

/** @param opa how this job's `opa` is found */
export async function collectPolicies(context: CollectContext, opa: () => Promise<Opa | null> = findOpa): Promise<Collected<'policies'>> {
  const read = await gateSettings(context, 'policy_ci', Settings)
  if ('blocked' in read) return read
  const { ask, bundle: approved, folder } = read.settings.policies
  const commits = { base: await baseCommit(context.workspace, context.base), head: await headCommit(context.workspace, context.sha) }
  const [base, head] = [await sourcesOf(context, commits.base, folder), await sourcesOf(context, commits.head, folder)]
  const packages = [...new Set(ask.map((one) => one.package))]
  const frame = { ...commits, folder, packages }
  if (base.files.length + head.files.length === 0 && approved === undefined) {
    const elsewhere = (await tree(context.workspace, commits.head)).filter(isRego).map(({ path }) => path)
    return { value: { ...frame, opa: null, elsewhere: elsewhere.slice(0, 20), documents: [], sets: [], bundle: null } }
  }
  const found = await opa()
  const bundle = approved === undefined ? null : await bundleOf(context, commits, approved)
  if (found === null && bundle === null)
    return blocked(
      'something that evaluates Rego',
      `${folder} holds policies, this job has no program opa, and the config approves no bundle`,
      'Put opa on the PATH of the job, or name a bundle with its digest under `gates.policy_ci.policies.bundle` on the base branch.',
    )
  const documents = await documentsOf(context, commits.head, ask)
  const sets = found === null ? byBundle(bundle, base, head, documents) : await byOpa(found, base, head, documents)
  return {
    value: { ...frame, opa: found?.version ?? null, elsewhere: [], documents: [...documents.listed], sets, bundle: bundle?.file ?? null },
  }
}

async function byOpa(opa: Opa, base: Sources, head: Sources, { asked }: Documents): Promise<PolicySet[]> {
  const sets: PolicySet[] = []
  for (const [at, sources] of [['base', base] as const, ['head', head] as const]) {
    if (sources.files.length === 0 || (at === 'head' && head.tree === base.tree)) continue
    sets.push({ ...frameOf(at, sources), by: 'opa', ...(await judgeByOpa(opa, sources.files, asked)) })
  }
  return sets
}

/** The approved bundle stands for the Rego it was built from; whether that is the Rego that lies here, its revision says. */
function byBundle(bundle: FoundBundle | null, base: Sources, head: Sources, { asked }: Documents): PolicySet[] {
  const contents = bundle?.contents ?? null
  const nothing = { faults: [], tests: [], rules: [], answers: [] }
  const judged = contents === null || bundle === null ? nothing : judgeByBundle(contents, bundle.file.path, asked)
  const first: PolicySet = { ...frameOf('base', base), by: contents === null ? null : 'bundle', ...judged }
  const other: PolicySet = { ...frameOf('head', head), by: null, ...nothing }
  return head.tree === base.tree ? [first] : [first, other]
}

function frameOf(at: PolicySet['at'], { commit, listed, tree: of }: Sources): Pick<PolicySet, 'at' | 'commit' | 'tree' | 'sources'> {
  return { at, commit, tree: of, sources: [...listed] }
}
