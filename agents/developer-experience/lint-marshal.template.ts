/** The seven sections of the pull-request template and the label canon (SPEC part 10). Pure text work, linear in the size of the body. */
import type { Finding } from '../../evidence/model/finding.ts'

export const SECTIONS = ['Impact', 'Gates affected', 'Canary plan', 'Rollback', 'Runbooks', 'Evidence paths', 'Risk and owner'] as const

export const LABELS = [
  'type:feat',
  'type:fix',
  'type:ops',
  'type:security',
  'risk:low',
  'risk:med',
  'risk:high',
  'migration',
  'drill',
  'chaos',
  'perf',
  'supply-chain',
  'policy',
  'ga',
  'hotfix',
] as const

const PLACEHOLDER =
  /^(?:tbd|tba|todo|n\/?a|fixme|xxx+|placeholder|\?+|\.{2,}|…|to be (?:done|decided|defined|written|filled(?: in)?)|<[^<>]*>|_[^_]*_)\.?$/i
const BULLET = /^\s*(?:[-*+]|\d+[.)])?\s*(?:\[[ x]\]\s*)?/i

/** Body of a pull request -> what is missing in it. */
export function sectionFindings(body: string): Finding[] {
  const sections = sectionsOf(withoutComments(body))
  return SECTIONS.flatMap((title): Finding[] => {
    const rule = `template.${title.toLowerCase().replaceAll(' ', '-')}`
    const text = sections.get(title.toLowerCase())
    if (text === undefined)
      return [{ rule, severity: 'error', message: `The pull request has no section "${title}"`, next: `Add a heading "## ${title}" and fill it in.` }]
    if (!says(text)) return [{ rule, severity: 'error', message: `The section "${title}" says nothing`, next: `Fill in the section "${title}".` }]
    return []
  })
}

/** Labels of the pull request -> those outside the canon, and those that contradict each other. @param more labels the config allows besides */
export function labelFindings(labels: readonly string[], more: readonly string[]): Finding[] {
  const known = new Set<string>([...LABELS, ...more])
  const findings: Finding[] = labels
    .filter((label) => !known.has(label))
    .map((label) => ({
      rule: 'label.unknown',
      severity: 'error',
      message: `The label "${label}" is not one of the canon`,
      next: `Remove it, use one of ${LABELS.join(', ')}, or allow it under \`gates.policy_ci.labels\`.`,
    }))
  for (const kind of ['type', 'risk']) {
    const given = labels.filter((label) => label.startsWith(`${kind}:`) && known.has(label))
    const next = `Keep exactly one label ${LABELS.filter((label) => label.startsWith(`${kind}:`)).join(', ')}.`
    if (given.length > 1)
      findings.push({ rule: 'label.conflict', severity: 'error', message: `The labels ${given.join(' and ')} contradict each other`, next })
    if (given.length === 0) findings.push({ rule: 'label.missing', severity: 'warning', message: `No ${kind} label says what this release is`, next })
  }
  return findings
}

/** Does any line say something of its own? */
function says(text: string): boolean {
  return text.split('\n').some((line) => {
    const said = line.replace(BULLET, '').trim()
    return /[\p{L}\p{N}]/u.test(said) && !PLACEHOLDER.test(said)
  })
}

function withoutComments(body: string): string {
  let text = ''
  let at = 0
  for (;;) {
    const from = body.indexOf('<!--', at)
    if (from === -1) return text + body.slice(at)
    text += body.slice(at, from)
    const to = body.indexOf('-->', from + 4)
    if (to === -1) return text
    at = to + 3
  }
}

/** Heading in lower case -> the text below it, down to the next heading. Headings inside fenced code do not count. */
function sectionsOf(body: string): Map<string, string> {
  const sections = new Map<string, string>()
  let current: string | undefined
  let fence: string | undefined
  for (const line of body.split(/\r?\n/)) {
    const mark = /^ {0,3}(```|~~~)/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || fence === mark)) fence = fence === undefined ? mark : undefined
    const heading = fence === undefined ? /^ {0,3}#{1,6}\s+(.*)$/.exec(line)?.[1] : undefined
    if (heading !== undefined) {
      current = heading
        .slice(0, 200)
        .replace(/[\s#:]+$/, '')
        .trim()
        .toLowerCase()
      if (!sections.has(current)) sections.set(current, '')
    } else if (current !== undefined) sections.set(current, `${sections.get(current) ?? ''}${line}\n`)
  }
  return sections
}
