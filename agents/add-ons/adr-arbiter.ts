import { z } from 'zod'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { planted } from './adr-arbiter.faults.ts'
import { draftOf, nextPath, recordOf } from './adr-arbiter.records.ts'

const RISKY = 'risk:high'
/** Headings with words below them: a context, a decision, its consequences, or what the house calls them. */
const LEAST_SECTIONS = 2

export const adrArbiter = agent({
  id: 'U3',
  name: 'adr-arbiter',
  phase: ['P0'],
  gate: [],
  topic: 'decisions',
  question: 'Does a change of high risk come with a record of what was decided, and why?',
  why: 'Who looks into it at night, or a year later, has nobody to ask.',
  version: 1,
  needs: ['commits', 'pullRequest', 'decisions'],
  writes: ['docs/adr_requests.json'],
  policy: z.object({}),
  assess(inputs) {
    const { commits, pullRequest, decisions } = inputs
    const risky = pullRequest.labels.includes(RISKY)
    const records = changed(inputs)
    const findings = risky ? findingsOf(pullRequest.number, records) : []
    const requested = findings.length === 0 ? [] : [{ pull: pullRequest.number, title: pullRequest.title, path: place(inputs) }]
    return {
      findings,
      measurements: [],
      files: [
        {
          path: 'docs/adr_requests.json',
          type: 'report',
          content: {
            version: 1,
            range: `${commits.base}..${commits.head}`,
            risky,
            records: records.map(({ path, text }) => ({ path, ...recordOf(text ?? '') })),
            requests: requested,
            findings,
          },
        },
      ],
      notes: risky
        ? `The release is ${RISKY}: ${records.length} of ${decisions.files.length} decision records come with it.`
        : `The release is not labelled ${RISKY}: it needs no decision record.`,
      next: findings[0]?.next ?? 'Nothing to do.',
    }
  },
  plan(inputs) {
    const { commits, pullRequest } = inputs
    if (!pullRequest.labels.includes(RISKY) || changed(inputs).length > 0) return []
    const text = draftOf({ title: pullRequest.title, pull: pullRequest.number, paths: commits.paths })
    return [{ kind: 'file.write', path: place(inputs), text, why: `#${pullRequest.number} is ${RISKY} and says nowhere what was decided` }]
  },
  planted,
})

type Given = Pick<Inputs, 'commits' | 'pullRequest' | 'decisions'>
type Files = Inputs['decisions']['files']

/** Records that this release writes or changes. */
function changed({ commits, decisions }: Given): Files {
  const paths = new Set(commits.paths)
  return decisions.files.filter(({ path }) => paths.has(path))
}

function place({ decisions, pullRequest }: Given): string {
  return nextPath(
    decisions.files.map(({ path }) => path),
    pullRequest.title,
  )
}

function findingsOf(pull: number, records: Files): Finding[] {
  if (records.length === 0)
    return [
      {
        rule: 'decision.missing',
        severity: 'error',
        subject: `pull request ${pull}`,
        message: `The pull request is labelled ${RISKY}, and no decision record comes with it`,
        next: 'Write down what was decided and why: `release-conductor run --phase=P0 --plan` drafts the record.',
      },
    ]
  return records.flatMap(({ path, text, why }): Finding[] => {
    const error = (rule: string, message: string, next: string): Finding => ({
      rule: `decision.${rule}`,
      severity: 'error',
      path: path.slice(0, 500),
      message: message.slice(0, 1000),
      next,
    })
    if (text === null) return [error('unread', `The record could not be read: ${why ?? 'no reason was given'}`, 'Make it a regular text file.')]
    const { status, sections } = recordOf(text)
    if (sections < LEAST_SECTIONS) return [error('empty', 'The record says neither what was decided nor why', 'Fill in its sections.')]
    if (/^(?:rejected|deprecated|superseded)\b/.test(status))
      return [error('not-standing', `The record is ${status}: it decides nothing`, 'Bring the record that stands.')]
    return []
  })
}
