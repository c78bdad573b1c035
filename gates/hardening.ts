import { z } from 'zod'
import type { Finding } from '../evidence/model/finding.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { Planted, Testimony } from './gate.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from './specimen.ts'
import { named, no, numbersOf, worst } from './statement.ts'

const THRESHOLDS = { dockerfiles: '>0', unread: '=0', open_errors: '=0' }

const UNMEASURED: Reason = {
  code: 'hardening.not-measured',
  message: 'No statement carries numbers about images',
  next: 'Run phase P0 again; if this repository builds no image, declare `not_applicable.hardening`.',
}

/** A rule that may be broken in one file, by somebody's leave, until the end of a day (UTC). */
const Exception = z.strictObject({
  rule: Rule(),
  path: z.string().min(1).max(500),
  owner: z.string().regex(/^@[A-Za-z0-9][A-Za-z0-9_./-]{0,99}$/, 'an owner such as @acme/platform'),
  reason: z.string().trim().min(3).max(500),
  until: z.iso.date(),
})
type Exception = z.infer<typeof Exception>

const Policy = z.strictObject({ exceptions: z.array(Exception).max(200).default([]) })
type Policy = z.infer<typeof Policy>

function Rule() {
  return z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/, 'a rule such as image.user-root')
}

function judge(testimony: Testimony, exceptions: readonly Exception[], today: string): Decision {
  const read = numbersOf(testimony, 'hardening', THRESHOLDS, { unmeasured: UNMEASURED, contradiction: 'hardening.contradiction' })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  const granted = (finding: Finding) => exceptions.filter((exception) => exception.rule === finding.rule && exception.path === finding.path)
  const open = errors.filter((finding) => !granted(finding).some((exception) => exception.until >= today))
  const metrics = { ...opinion.metrics, open_errors: open.length, excepted_errors: errors.length - open.length }
  const expired = [...new Set(open.flatMap(granted))]
  const reasons: Reason[] = expired.map((exception) => ({
    code: 'hardening.exception-expired',
    message: `The exception for ${exception.rule} in ${exception.path} by ${exception.owner} ended on ${exception.until}`,
    next: `Fix ${exception.path}, or let ${exception.owner} renew the exception.`,
  }))
  if (open.length > 0) reasons.push({ code: 'hardening.findings', message: named(open), next: open[0]?.next ?? 'Fix each finding.' })
  if (reasons.length > 0) return no('fail', reasons, { metrics, measured: opinion.measured }, THRESHOLDS)
  return pass({ metrics, thresholds: THRESHOLDS, measured: opinion.measured }, 'hardening.not-measured')
}

function plant(
  name: string,
  expected: 'red' | 'green',
  findings: readonly Finding[],
  policy: Policy,
  stated = findings.length,
  n = 2,
): Planted<Policy> {
  const metrics = { dockerfiles: n, unread: 0, errors: stated, warnings: 0 }
  const testimony = specimen({ gate: 'hardening', topic: 'images', phase: 'P0', metrics, thresholds: { dockerfiles: '>0' }, n, findings })
  return {
    name,
    expected,
    input: { evidence: new Map([['images', [testimony]]]), verdicts: [], policy, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW },
  }
}

function specimenException(until: string): Policy {
  return { exceptions: [{ rule: 'image.user-root', path: 'legacy/Dockerfile', owner: '@specimen/platform', reason: 'vendor image', until }] }
}

export const hardening = gate<Policy>({
  id: 'hardening',
  phase: 'P0',
  question: 'Is every image hardened, apart from exceptions that somebody owns and that end?',
  why: 'A weakness baked into an image runs everywhere the image runs.',
  version: 1,
  reads: ['images'],
  dependsOn: [],
  policy: Policy,
  notMeasured: 'hardening.not-measured',
  decide({ evidence, policy, now }) {
    const today = new Date(now).toISOString().slice(0, 10)
    return worst(
      (evidence.get('images') ?? []).map((testimony) => judge(testimony, policy.exceptions, today)),
      UNMEASURED,
    )
  },
  planted() {
    const finding: Finding = { rule: 'image.user-root', severity: 'error', path: 'legacy/Dockerfile', message: 'runs as root', next: 'Add USER.' }
    const none: Policy = { exceptions: [] }
    return [
      plant('two files without an error', 'green', [], none),
      plant('an error', 'red', [finding], none),
      plant('an error with an exception on its last day', 'green', [finding], specimenException('2026-01-15')),
      plant('an error with an exception that ended yesterday', 'red', [finding], specimenException('2026-01-14')),
      plant('an error in another file than the exception', 'red', [{ ...finding, path: 'Dockerfile' }], specimenException('2026-12-31')),
      plant('a summary that hides an error', 'red', [finding], none, 0),
      plant('no image', 'red', [], none, 0, 0),
    ]
  },
})
