/** What Rego says, and what keeps it from saying anything, as findings. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inputs } from '../collect/inputs.ts'

type Given = Inputs['policies']
type Set = Given['sets'][number]

function tell(
  rule: string,
  severity: Finding['severity'],
  place: Pick<Finding, 'path' | 'line' | 'subject'>,
  message: string,
  next: string,
): Finding {
  return { rule: `policy.${rule}`, severity, ...place, message: message.slice(0, 1000), next }
}

/** Does it compile, is it tested, and can it be asked? */
export function setFindings(set: Set, { packages, folder }: Given): Finding[] {
  const whose = set.at === 'base' ? 'on the base branch' : 'of this release'
  const place = { path: folder.slice(0, 500) }
  const findings = [
    ...set.sources
      .filter(({ problem }) => problem !== null)
      .map(({ path, problem }) =>
        tell(
          'not-compiled',
          'error',
          { path: path.slice(0, 500) },
          `${path.slice(0, 300)} ${whose} cannot be read: ${problem}`,
          'Make it a regular file of a normal size.',
        ),
      ),
    ...set.faults.map(({ path, line, message }) =>
      tell(
        'not-compiled',
        'error',
        { path: path.slice(0, 500), ...(line !== null && { line }) },
        `${path.slice(0, 300)} ${whose} cannot be asked: ${message}`,
        'Correct it until `opa check --strict` says nothing; a bundle, until it calls only what WebAssembly holds.',
      ),
    ),
  ]
  if (findings.length > 0) return findings
  if (set.by === null) return []
  const run = set.tests.filter(({ outcome }) => outcome !== 'skip')
  if (run.length === 0)
    findings.push(
      tell(
        'no-tests',
        'error',
        place,
        `The policy ${whose} has no test: nobody knows what it forbids`,
        'Write rules that begin with test_, one that is denied and one that is let through.',
      ),
    )
  for (const { name, outcome, package: of, why } of run)
    if (outcome !== 'pass')
      findings.push(
        tell(
          'test-failed',
          'error',
          { ...place, subject: `${of}.${name}`.slice(0, 500) },
          `${of}.${name} ${whose} fails${why === null ? '' : `: ${why}`}`,
          'Run `opa test` and correct rule or test.',
        ),
      )
  for (const name of packages) findings.push(...unasked(set, name, place.path, whose))
  return findings
}

/** A package that says nothing, or of which nothing is asked, lets everything through. */
function unasked({ answers, rules }: Set, name: string, path: string, whose: string): Finding[] {
  const place = { path, subject: name }
  if (!rules.some((rule) => rule.package === name))
    return [
      tell(
        'unevaluated',
        'error',
        place,
        `The package ${name} ${whose} has no rule deny, violation or warn`,
        'Write one, or ask another package under `gates.policy_ci.policies.ask`.',
      ),
    ]
  if (answers.some((answer) => answer.package === name)) return []
  return [
    tell(
      'unevaluated',
      'error',
      place,
      `The package ${name} ${whose} is asked about no document: the release has none of those that the config names`,
      'Correct documents and files under `gates.policy_ci.policies.ask`, or ask the package no more.',
    ),
  ]
}

export function documentFindings(documents: Given['documents']): Finding[] {
  return documents
    .filter(({ problem }) => problem !== null)
    .map(({ path, index, problem }) =>
      tell(
        'unevaluated',
        'error',
        { path: path.slice(0, 500) },
        `${nameOf(path, index)} cannot be read: ${problem}`,
        'Correct the file, or ask about others.',
      ),
    )
}

export function answerFindings({ answers, at, faults }: Set, documents: Given['documents']): Finding[] {
  // Why nothing is answered is told once.
  if (faults.length > 0) return []
  const by = at === 'base' ? '' : ', by the policy of this release'
  return answers.flatMap(({ document, excepted, more, package: of, problem, results }) => {
    const { path, index } = documents[document] ?? { path: 'unknown', index: 0 }
    const place = { path: path.slice(0, 500) }
    if (problem !== null)
      return [
        tell(
          'unevaluated',
          'error',
          { ...place, subject: of },
          `${of} gives no answer about ${nameOf(path, index)}${by}: ${problem}`,
          'Correct the rule, so that it ends and breaks for no document.',
        ),
      ]
    return [
      ...results.map(({ rule, message }) =>
        rule.startsWith('warn')
          ? tell(
              'warn',
              'warning',
              { ...place, subject: `${of}.${rule}` },
              `${nameOf(path, index)}: ${message}${by}`,
              'Look at it before it becomes a denial.',
            )
          : tell(
              'deny',
              'error',
              { ...place, subject: `${of}.${rule}` },
              `${nameOf(path, index)}: ${message}${by}`,
              'Change what is denied, or let its owner grant an exception under `gates.policy_ci.exceptions`.',
            ),
      ),
      ...(more > 0
        ? [
            tell(
              'deny',
              'error',
              { ...place, subject: of },
              `${nameOf(path, index)}: ${more} results more are not listed${by}`,
              'Fix those that are listed first.',
            ),
          ]
        : []),
      ...excepted.map((rule) =>
        tell(
          'excepted',
          'info',
          { ...place, subject: `${of}.${rule}` },
          `${nameOf(path, index)}: an exception in Rego switches ${rule} off${by}`,
          'Take the exception out when it is not needed any more.',
        ),
      ),
    ]
  })
}

function nameOf(path: string, index: number): string {
  return index === 0 ? path.slice(0, 300) : `${path.slice(0, 300)} (document ${index + 1})`
}
