/** What follows when a rollout has ended or is about to begin: seals, tag, publication, incident. */
import { timestamp } from '../../evidence/model/primitives.ts'
import { anchorText } from '../github/anchor.ts'
import { notesPath } from '../planning/run-inputs.ts'
import type { Draft } from './draft.ts'
import type { Facts } from './facts.ts'
import { prose } from '../github/markdown.ts'
import { deploymentOf } from '../rollout/deployment.ts'
import { GREEN_WITHIN_MS, isLate, nameOf } from '../rollout/golden-paths.ts'
import { sayRestored } from '../rollout/restore.ts'
import { rollForward } from '../rollout/way-back.ts'
import { enterLog, isLogged } from './log.ts'
import type { Outcome, SealOutcome } from './ports.ts'
import { traceLine, traceLinks } from './traces.ts'
import type { Rollout } from './state.ts'

/** One seal of each outcome for each rollout; which number its pack gets in the chain is known when it is sealed. */
export function sealKey(draft: Draft, outcome: SealOutcome): string {
  return draft.key(`seal/${outcome}/${draft.data.rollout?.number ?? 0}`)
}

function seal(draft: Draft, outcome: SealOutcome): Outcome | null {
  return draft.ensure({ kind: 'pack.seal', key: sealKey(draft, outcome), outcome })
}

/** What the decision rests on, before anything is deployed. Its log entry may come later. */
export function sealDecision(draft: Draft, facts: Facts): void {
  const { rollout } = draft.data
  if (rollout === null || rollout.stage === 'withdrawn') return
  const sealed = seal(draft, 'proven')
  if (sealed !== null && isLogged(draft, facts)) enterLog(draft, 'proven', sealed)
}

export function settleUp(draft: Draft, facts: Facts): void {
  keepPacks(draft, facts)
  const { rollout } = draft.data
  if (rollout === null) return
  if (draft.state === 'ga' || draft.state === 'broken_glass') publish(draft, facts)
  if (draft.state === 'ga' && draft.before.state === 'broken_glass') sealProof(draft)
  if (draft.state === 'rolled_back' || isLate(facts, rollout)) incident(draft, facts)
  if (rollout.refused !== undefined) stranded(draft, rollout)
  if ((draft.state === 'ga' || draft.state === 'broken_glass' || draft.state === 'rolled_back' || isLate(facts, rollout)) && draft.intents.length > 0)
    draft.lookAgainAt(facts.now + facts.settings.sampleMs)
}

/** For each sealed pack one intent for each store the config named then. Nothing waits for it: `keeping.ts` carries it out. */
function keepPacks(draft: Draft, { outbox }: Facts): void {
  const { effect } = draft.outcome(draft.key('publish')) === null ? {} : (draft.row(draft.key('publish')) ?? {})
  const published = effect?.kind === 'release.publish' ? effect.assets.map((asset) => asset.sha256) : []
  for (const row of outbox.values()) {
    if (row.effect.kind !== 'pack.seal' || row.outcome === null) continue
    const { path, sha256, seal: number, stores } = row.outcome.data ?? {}
    const names = String(stores ?? '').split(' ')
    for (const store of new Set(names.filter((name) => name !== '')))
      // The GitHub release keeps what is published, once it is.
      if (store !== 'github-release' || published.includes(String(sha256)))
        draft.ensure({ kind: 'pack.keep', key: `${row.key}/keep/${store}`, store, path: String(path), sha256: String(sha256), seal: Number(number) })
  }
}

/** What was still owed when it was published is proven now: a further pack holds that. */
function sealProof(draft: Draft): void {
  draft.ensure({ kind: 'pack.seal', key: `${sealKey(draft, 'promoted')}/proof`, outcome: 'promoted' })
}

function publish(draft: Draft, facts: Facts): void {
  const { version } = draft.before
  const sealed = seal(draft, 'promoted')
  if (sealed === null) return
  // A published release is never changed, so the logged signature must be among its assets from the start.
  const logged = isLogged(draft, facts) ? enterLog(draft, 'promoted', sealed) : undefined
  if (logged === null) return
  const tagged = draft.ensure({ kind: 'tag.create', key: draft.key('tag'), tag: version, sha: draft.head })
  if (tagged === null) return
  draft.ensure({
    kind: 'release.publish',
    key: draft.key('publish'),
    tag: version,
    sha: draft.head,
    name: version,
    prerelease: version.includes('-'),
    notes: notesPath(version),
    body: [
      draft.state === 'broken_glass'
        ? `${version} serves everyone. **It shipped by break-glass, without the proof of its gates**; the attached evidence.zip is the signed record of who let it through, and why.`
        : `${version} serves everyone. The attached evidence.zip is the signed proof.`,
      'Each step in a picture: `slo/<environment>-<step>.png` in it.',
      'Verify it: `release-conductor evidence verify evidence.zip --key <public key>`',
      ...anchors(sealed),
    ].join('\n\n'),
    assets: [
      {
        name: 'evidence.zip',
        path: String(sealed.data?.['path'] ?? ''),
        contentType: 'application/zip',
        sha256: String(sealed.data?.['sha256'] ?? ''),
      },
      ...(logged === undefined
        ? []
        : [
            {
              name: 'evidence.sigstore.json',
              path: String(logged.data?.['path'] ?? ''),
              contentType: 'application/json',
              sha256: String(logged.data?.['sha256'] ?? ''),
            },
          ]),
    ],
  })
}

/** The checkpoint that the sealed pack holds: outside the store, beside the pack or where there is none. */
function anchors({ data }: Outcome): string[] {
  const note = data?.['checkpoint']
  return typeof note === 'string' ? [anchorText(note)] : []
}

/** A release that was published stays as it is: the pack of the way back is a further one, and the incident names it. */
function incident(draft: Draft, facts: Facts): void {
  const { rollout } = draft.data
  if (rollout === null) return
  const sealed = seal(draft, 'rolled_back')
  if (sealed !== null && isLogged(draft, facts)) enterLog(draft, 'rolled_back', sealed)
  for (const step of rollout.steps.filter((step) => step <= rollout.step)) {
    const deployment = deploymentOf(draft, { ...rollout, step })
    if (deployment !== null)
      draft.ensure({
        kind: 'deployment.status',
        key: draft.key(`rollout/${rollout.number}/${rollout.environment}/${step}/${step === rollout.step ? 'failure' : 'inactive'}`),
        deployment,
        state: step === rollout.step ? 'failure' : 'inactive',
        description: `Rolled back: ${rollout.why?.code ?? 'manual'}`,
      })
  }
  if (sealed === null) return
  const traces = traceLine(traceLinks(rollout.traces ?? [], facts.settings.tracesUrl ?? null))
  draft.ensure({
    kind: 'issue.open',
    key: draft.key(`incident/${rollout.number}`),
    title: `${draft.before.version} was rolled back from ${rollout.step} % of ${rollout.environment}`,
    labels: ['incident'],
    body: [
      prose(rollout.why?.sentence ?? 'It was rolled back.'),
      '',
      ...done(draft, rollout),
      '',
      `- Release pull request: #${draft.before.pull}`,
      `- Commit: ${draft.head}`,
      `- Trace: \`${draft.before.traceId}\``,
      `- Evidence: ${packLine(sealed)}`,
      ...(traces === '' ? [] : [`- ${traces}`]),
      '',
      'Next: find the cause, fix it on a new release branch, and open a new release pull request.',
      ...anchors(sealed).flatMap((text) => ['', text]),
    ].join('\n'),
  })
}

/** Nothing was taken back: people must roll forward, and learn of it at once. */
function stranded(draft: Draft, { number, environment, step, refused, schema, policy }: Rollout): void {
  if (refused === undefined || schema === undefined) return
  draft.ensure({
    kind: 'issue.open',
    key: draft.key(`incident/${number}/refused`),
    title: `${draft.before.version} cannot be taken back from ${step} % of ${environment}`,
    labels: ['incident'],
    body: [
      prose(refused.sentence),
      '',
      `**That was refused, and nothing was changed** (\`rollback.schema-outside\`): ${refused.because}.`,
      '',
      ...rollForward(schema, draft.head).map((line) => `- ${line}`),
      ...(policy.onCall.length === 0 ? [] : ['', `For whoever is on call: ${policy.onCall.join(' ')}`]),
      '',
      `- Release pull request: #${draft.before.pull}`,
      `- Commit: ${draft.head}`,
      `- Trace: \`${draft.before.traceId}\``,
    ].join('\n'),
  })
}

/** What the machine did, with links to where it can be looked at. */
function done(draft: Draft, rollout: Rollout): string[] {
  const { environment, moved, red, policy } = rollout
  const run = (step: number): string => {
    const url = draft.outcome(draft.key(`rollout/${rollout.number}/${environment}/${step}/run`))?.url
    return url === undefined ? '' : ` ([deploy run](${url}))`
  }
  const golden =
    red !== undefined
      ? [`- **Not green after ${GREEN_WITHIN_MS / 60_000} minutes**: ${red.map(prose).join('; ')}. Look there now; it is looked at again and again.`]
      : policy.golden.length === 0
        ? ['- No golden path is in the config, so none was looked at.']
        : [`- Golden paths are green again: ${policy.golden.map(nameOf).join(', ')}`]
  return [
    'What was done:',
    '',
    ...moved.map(({ step, at }) => `- ${step} % of ${environment} since ${timestamp(at)}${run(step)}`),
    ...(rollout.stage === 'withdrawn' ? [`- All traffic back at the version before, at ${timestamp(rollout.since)} or sooner`] : []),
    `- ${sayRestored(draft, rollout)}`,
    ...golden,
  ]
}

function packLine({ data }: Outcome): string {
  const { seal: number, sha256, previous } = data ?? {}
  const pack = `pack ${number ?? ''} \`${String(sha256 ?? '')}\``
  return previous === undefined ? pack : `${pack}, which follows \`${previous}\``
}
