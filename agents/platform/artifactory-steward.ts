import { z } from 'zod'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import type { RegistryRepository } from '../collect/inputs.registry.ts'
import { capped, count } from '../tally.ts'
import { planted } from './artifactory-steward.faults.ts'

const DIGEST = /^sha256:[0-9a-f]{64}$/
const DAY = 86_400_000
const YEAR = 365 * DAY

export const artifactorySteward = agent({
  id: 'A10',
  name: 'artifactory-steward',
  phase: ['P0'],
  gate: ['supply_chain'],
  topic: 'registry',
  question: 'Is what is released named by digest, the same in every mirror, under tags that stayed, and kept as long as its evidence?',
  why: 'A name that can move is no proof of what runs; and what a registry has thrown away can neither be run again nor looked into.',
  version: 1,
  needs: ['registry', 'policy'],
  writes: ['registry/inventory.json'],
  policy: z.object({}),
  assess({ registry }) {
    const { repositories, head, evidence_ms: kept } = registry
    const findings = capped(repositories.flatMap((one) => repositoryFindings(one, kept)))
    const read = repositories.filter(({ held }) => held?.digest != null)
    const metrics = {
      repositories: repositories.length,
      repositories_unread: repositories.length - read.length,
      mirrors: repositories.reduce((sum, { mirrors }) => sum + mirrors.length, 0),
      tags: repositories.reduce((sum, { tags }) => sum + tags.length, 0),
      referrers: repositories.reduce((sum, { referrers }) => sum + (referrers?.length ?? 0), 0),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'supply_chain',
          metrics,
          // No threshold on errors: exceptions are granted by the gate's policy, so an error here is not yet a no.
          thresholds: { repositories: '>0' },
          measured: {
            n: repositories.length,
            window: head,
            source:
              [...new Set(repositories.map(({ repository }) => repository.slice(0, repository.indexOf('/'))))].join(', ').slice(0, 200) || 'git',
            query: 'gates.supply_chain.registries, supply-chain/references.json; manifests, tags, referrers',
          },
        },
      ],
      files: [{ path: 'registry/inventory.json', type: 'report', content: { version: 1, commit: head, repositories, metrics, findings } }],
      notes:
        repositories.length === 0
          ? 'The config names no registry: nothing was looked at.'
          : `${repositories.length} repositories, ${metrics.mirrors} mirrors, ${metrics.tags} recorded tags, ${metrics.referrers} referrers: ${metrics.errors} errors.`,
      next:
        repositories.length === 0
          ? 'Name the registries of the release under `gates.supply_chain.registries`, or declare `not_applicable.supply_chain.registry` with a reason.'
          : metrics.errors === 0
            ? 'Nothing to do.'
            : 'Do what each finding in registry/inventory.json says.',
    }
  },
  planted,
})

function repositoryFindings(of: RegistryRepository, kept: number): Finding[] {
  const { repository, reference, retention_ms: retention, held, mirrors, tags, referrers } = of
  const say = (rule: string, message: string, next: string, severity: Finding['severity'] = 'error', subject = repository): Finding => ({
    rule: `registry.${rule}`,
    severity,
    subject: subject.slice(0, 500),
    message: message.slice(0, 1000),
    next,
  })
  const findings: Finding[] = []
  const least = Math.max(YEAR, kept)
  if (retention < least)
    findings.push(
      say(
        'short-retention',
        `${repository} keeps what it holds ${Math.floor(retention / DAY)} days; evidence is kept ${Math.ceil(least / DAY)}`,
        'Let the registry keep releases as long as their evidence.',
      ),
    )
  const name = 'Name it by digest in supply-chain/references.json.'
  if (reference === null) return [...findings, say('not-named', `The release names nothing in ${repository}`, name)]
  if (!DIGEST.test(reference)) findings.push(say('by-tag', `The release names ${repository}:${reference} by a tag alone, which can move`, name))
  if (held?.digest == null)
    findings.push(
      say(
        'absent',
        `${repository} does not hold ${reference}${held?.why == null ? '' : `: ${held.why}`}`,
        'Push it, and let the job read the registry.',
      ),
    )
  for (const mirror of mirrors)
    if (mirror.digest === null)
      findings.push(
        say(
          'mirror-lacks',
          `${mirror.repository} does not hold ${reference}${mirror.why === null ? '' : `: ${mirror.why}`}`,
          'Bring the mirror up to date.',
          'error',
          mirror.repository,
        ),
      )
    else if (mirror.digest !== held?.digest)
      findings.push(
        say(
          'mirror-differs',
          `${mirror.repository} holds ${mirror.digest} as ${reference}`,
          'Do not use this mirror before it holds the same.',
          'error',
          mirror.repository,
        ),
      )
  for (const { tag, recorded, now } of tags) findings.push(...tagFindings(repository, tag, recorded, now, say))
  if (referrers !== null && referrers.length === 0)
    findings.push(
      say(
        'no-referrers',
        `Nothing refers to ${reference} in ${repository}: no SBOM, no signature, no provenance lies beside it`,
        'Attach them to the image, for whoever pulls it.',
        'warning',
      ),
    )
  return findings
}

type Say = (rule: string, message: string, next: string, severity?: Finding['severity'], subject?: string) => Finding

function tagFindings(repository: string, tag: string, recorded: string, now: RegistryRepository['tags'][number]['now'], say: Say): Finding[] {
  return now.flatMap((held) => {
    const subject = `${held.repository}:${tag}`
    if (held.digest === recorded) return []
    const [rule, next] =
      held.repository === repository
        ? ['moved-tag', 'Find out who moved it; a released tag never moves.']
        : ['mirror-differs', 'Bring the mirror up to date, and find out why it differs.']
    const is = held.digest === null ? `is not there${held.why === null ? '' : ` (${held.why})`}` : `is ${held.digest}`
    return [say(rule ?? '', `${subject} ${is}, and was recorded as ${recorded}`, next ?? '', 'error', subject)]
  })
}
