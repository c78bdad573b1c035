/** What one step of a job or of an action does that it should not: code by a tag, a stranger's text in a script, a stranger's commit with our secrets. Pure. */
import { isRecord } from '../yaml.ts'
import { contextsOf, expressionsOf, pastedBy } from './cicd-engineer.expressions.ts'
import type { Say } from './cicd-engineer.workflows.ts'

export interface Surroundings {
  /** A trigger that has the repository's secrets although a stranger can cause it; null: none. */
  readonly dangerous: string | null
  /** Names of variables that hold a stranger's text. */
  readonly env: ReadonlySet<string>
}

type Path = readonly (string | number)[]

const PIN = /^[^@\s]+@[0-9a-f]{40}$/
const DIGEST = /@sha256:[0-9a-f]{64}$/
/** Inputs of actions that run as code. */
const CODE: readonly (readonly [action: RegExp, input: string])[] = [
  [/^actions\/github-script@/i, 'script'],
  [/^azure\/(?:cli|powershell)@/i, 'inlineScript'],
  [/^jannekem\/run-python-script-action@/i, 'script'],
  [/^cardinalby\/js-eval-action@/i, 'expression'],
  [/^amadevus\/pwsh-script@/i, 'script'],
]
const HEAD = /github\.event\.pull_request\.(?:head\b|merge_commit_sha)|github\.head_ref|refs\/pull\/|github\.event\.workflow_run\.head_/i
const HEAD_BY_HAND =
  /\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|pull|clone)\b[^\n]*\bpull\/|\bgit\s+(?:checkout|switch|fetch|pull)\b[^\n]*(?:head_ref|HEAD_REF|head\.(?:sha|ref))/

const OLD_COMMAND = /::(set-env|add-path|set-output|save-state)(?:\s[^:\n]*)?::/

/** @param at path of the list of steps */
export function stepsFindings(steps: unknown, at: Path, around: Surroundings, say: Say): void {
  if (!Array.isArray(steps)) return
  for (const [index, step] of steps.entries()) {
    const here = [...at, index]
    if (!isRecord(step)) {
      say('broken', 'error', here, 'A step is no map of keys', 'Give the step `run` or `uses`.')
      continue
    }
    const { uses, run } = step
    if ((uses === undefined) === (run === undefined))
      say('broken', 'error', here, 'A step needs either `run` or `uses`, and not both', 'Give the step one of them.')
    const env = new Set([...around.env, ...strangersIn(step['env'], around.env)])
    if (typeof uses === 'string') usesFindings(uses, isRecord(step['with']) ? step['with'] : {}, here, { ...around, env }, say)
    if (typeof run === 'string') runFindings(run, [...here, 'run'], { ...around, env }, say)
  }
}

/** Names of `env` whose value is a stranger's text: harmless as a variable, and not when it is pasted. */
export function strangersIn(env: unknown, known: ReadonlySet<string> = new Set()): string[] {
  if (!isRecord(env)) return []
  return Object.entries(env)
    .filter(([, value]) => typeof value === 'string' && pastedBy(value, known).some(({ by }) => by === 'stranger'))
    .map(([name]) => name.toLowerCase())
}

/** `uses` of a step or of a job. */
export function pinFindings(uses: string, at: Path, say: Say): void {
  if (uses.startsWith('./')) return
  const next = 'Pin it to a commit: `uses: owner/name@<40 digits> # v1.2.3`.'
  if (uses.startsWith('docker://')) {
    if (!DIGEST.test(uses)) say('action-unpinned', 'error', at, `The image ${uses} is not pinned by digest, so it can change under us`, next)
  } else if (!uses.includes('@')) say('action-unpinned', 'error', at, `The action ${uses} names no version at all`, next)
  else if (!PIN.test(uses))
    say('action-unpinned', 'error', at, `The action ${uses} is named by a tag or branch, which its owner, or who takes it over, can move`, next)
}

function usesFindings(uses: string, given: Readonly<Record<string, unknown>>, at: Path, around: Surroundings, say: Say): void {
  pinFindings(uses, [...at, 'uses'], say)
  for (const [action, input] of CODE) {
    const script = given[input]
    if (action.test(uses) && typeof script === 'string') pasteFindings(script, [...at, 'with', input], around, say)
  }
  if (!/^actions\/checkout@/i.test(uses)) return
  const asked = [given['ref'], given['repository']].filter((value) => typeof value === 'string')
  const ofHead = asked.some((value) => HEAD.test(value) || pastedBy(value, around.env).some(({ by }) => by === 'stranger'))
  if (around.dangerous !== null && (ofHead || given['allow-unsafe-pr-checkout'] === true || given['allow-unsafe-pr-checkout'] === 'true'))
    say(
      'head-checkout',
      'error',
      [...at, 'with'],
      `It checks out a stranger's commit under ${around.dangerous}, where the job has the repository's secrets`,
      'Build the head under `pull_request`, without secrets; here look only at what is already merged.',
    )
  const kept = String(given['persist-credentials'])
  // Who writes `true` has thought of it, most often because the job pushes.
  if (kept !== 'false' && (kept !== 'true' || around.dangerous !== null))
    say(
      'credentials-kept',
      'warning',
      [...at, 'uses'],
      'The checkout leaves the token in .git/config, where every later step and an uploaded folder has it',
      'Add `persist-credentials: false`, unless the job pushes.',
    )
}

function runFindings(run: string, at: Path, around: Surroundings, say: Say): void {
  pasteFindings(run, at, around, say)
  const [, command] = OLD_COMMAND.exec(run) ?? []
  if (command !== undefined)
    say(
      'old-command',
      'warning',
      at,
      `::${command}:: is a command that GitHub has taken back: any line of the log could give it`,
      'Write to the file in GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH or GITHUB_STATE.',
    )
  if (around.dangerous === null) return
  if (HEAD_BY_HAND.test(run))
    say(
      'head-checkout',
      'error',
      at,
      `The script fetches a stranger's commit under ${around.dangerous}, where the job has the repository's secrets`,
      'Build the head under `pull_request`, without secrets.',
    )
  if (/>>?\s*["']?\$\{?GITHUB_(?:ENV|PATH)\b/.test(run))
    say(
      'environment-file',
      'warning',
      at,
      `The script writes GITHUB_ENV or GITHUB_PATH under ${around.dangerous}: what a stranger gets into it runs in later steps`,
      'Hand values on by GITHUB_OUTPUT.',
    )
}

function pasteFindings(script: string, at: Path, { env }: Surroundings, say: Say): void {
  const next = 'Give it to the step by `env`, and use the variable in quotes: then it is text and never code.'
  const pasted = pastedBy(script, env)
  for (const by of ['stranger', 'caller'] as const) {
    const contexts = [...new Set(pasted.filter((each) => each.by === by).map(({ context }) => context))]
    if (contexts.length === 0) continue
    const who = by === 'stranger' ? 'a stranger writes' : 'whoever starts the workflow writes'
    say('script-injection', by === 'stranger' ? 'error' : 'warning', at, `${contexts.join(', ')}, which ${who}, is pasted into a script`, next)
  }
  if (expressionsOf(script).some((expression) => contextsOf(expression).some((context) => context === 'secrets' || context === 'secrets.*')))
    say('all-secrets', 'error', at, 'Every secret of the repository is pasted into the script', 'Name the one secret that the step needs, in `env`.')
}
