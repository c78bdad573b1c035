/** What follows when a rollout has ended or is about to begin: seals, tag, publication, incident. */
import { anchorText } from '../github/anchor.ts'
import type { Draft } from './draft.ts'
import type { Facts } from './facts.ts'
import { enterLog, isLogged } from './log.ts'
import type { Outcome } from './ports.ts'

export function sealKey(draft: Draft, seal: 1 | 2): string {
  return draft.key(`seal/${seal}/${draft.data.rollout?.number ?? 0}`)
}

/** Seal 1: what the decision rests on, before anything is deployed. Its log entry may come later. */
export function sealDecision(draft: Draft, facts: Facts): void {
  const { rollout } = draft.data
  if (rollout === null || rollout.stage === 'withdrawn') return
  const sealed = draft.ensure({ kind: 'pack.seal', key: sealKey(draft, 1), seal: 1, outcome: 'proven' })
  if (sealed !== null && isLogged(draft, facts)) enterLog(draft, 1, sealed)
  keepPack(draft, 1, sealed)
}

/** One intent for each store the config named when the pack was sealed. Nothing waits for it: `keeping.ts` carries it out. */
function keepPack(draft: Draft, seal: 1 | 2, sealed: Outcome | null, published = false): void {
  if (sealed === null) return
  const stores = String(sealed.data?.['stores'] ?? '').split(' ')
  for (const store of new Set(stores.filter((name) => name !== '')))
    // The GitHub release keeps what is published, once it is.
    if (store !== 'github-release' || published)
      draft.ensure({
        kind: 'pack.keep',
        key: `${sealKey(draft, seal)}/keep/${store}`,
        store,
        path: String(sealed.data?.['path'] ?? ''),
        sha256: String(sealed.data?.['sha256'] ?? ''),
        seal,
      })
}

export function settleUp(draft: Draft, facts: Facts): void {
  const { rollout } = draft.data
  if (rollout === null) return
  if (draft.state === 'ga') publish(draft, facts)
  if (draft.state === 'rolled_back') incident(draft, facts)
  if ((draft.state === 'ga' || draft.state === 'rolled_back') && draft.intents.length > 0) draft.lookAgainAt(facts.now + facts.settings.sampleMs)
}

function publish(draft: Draft, facts: Facts): void {
  const { version } = draft.before
  const sealed = draft.ensure({ kind: 'pack.seal', key: sealKey(draft, 2), seal: 2, outcome: 'promoted' })
  keepPack(draft, 2, sealed)
  if (sealed === null) return
  // A published release is never changed, so the logged signature must be among its assets from the start.
  const logged = isLogged(draft, facts) ? enterLog(draft, 2, sealed) : undefined
  if (logged === null) return
  const tagged = draft.ensure({ kind: 'tag.create', key: draft.key('tag'), tag: version, sha: draft.head })
  if (tagged === null) return
  const release = draft.ensure({
    kind: 'release.publish',
    key: draft.key('publish'),
    tag: version,
    sha: draft.head,
    name: version,
    prerelease: version.includes('-'),
    body: [
      `${version} serves everyone. The attached evidence.zip is the signed proof.`,
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
  if (release !== null) keepPack(draft, 2, sealed, true)
}

/** The checkpoint that the sealed pack holds: outside the store, beside the pack or where there is none. */
function anchors({ data }: Outcome): string[] {
  const note = data?.['checkpoint']
  return typeof note === 'string' ? [anchorText(note)] : []
}

function incident(draft: Draft, facts: Facts): void {
  const { rollout } = draft.data
  if (rollout === null) return
  const sealed = draft.ensure({ kind: 'pack.seal', key: sealKey(draft, 2), seal: 2, outcome: 'rolled_back' })
  if (sealed !== null && isLogged(draft, facts)) enterLog(draft, 2, sealed)
  keepPack(draft, 2, sealed)
  for (const step of rollout.steps.filter((step) => step <= rollout.step)) {
    const deployment = draft.outcome(draft.key(`rollout/${rollout.number}/${rollout.environment}/${step}/deployment`))
    if (deployment?.id != null)
      draft.ensure({
        kind: 'deployment.status',
        key: draft.key(`rollout/${rollout.number}/${rollout.environment}/${step}/${step === rollout.step ? 'failure' : 'inactive'}`),
        deployment: deployment.id,
        state: step === rollout.step ? 'failure' : 'inactive',
        description: `Rolled back: ${rollout.why?.code ?? 'manual'}`,
      })
  }
  if (sealed === null) return
  draft.ensure({
    kind: 'issue.open',
    key: draft.key(`incident/${rollout.number}`),
    title: `${draft.before.version} was rolled back from ${rollout.step} % of ${rollout.environment}`,
    labels: ['incident'],
    body: [
      rollout.why?.sentence ?? 'It was rolled back.',
      '',
      `- Release pull request: #${draft.before.pull}`,
      `- Commit: ${draft.head}`,
      `- Trace: \`${draft.before.traceId}\``,
      `- Evidence: pack \`${String(sealed.data?.['sha256'] ?? '')}\``,
      '',
      'Next: find the cause, fix it on a new release branch, and open a new release pull request.',
      ...anchors(sealed).flatMap((text) => ['', text]),
    ].join('\n'),
  })
}
