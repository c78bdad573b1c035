/** A preview that people put to sleep and wake while the release is proven, in every ninth life; what they may not reach; and what must have come of it. */
import { parse } from '../../app/commands/parse.ts'
import type { DeploymentFacts } from '../../app/release/ports.ts'
import type { Answer } from '../../app/release/state.ts'
import { isOfPage } from '../../app/release/voice.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Truth } from './truth.ts'

export const PREVIEW = 'pr-3'
export const PREVIEW_WORKFLOW = 'preview-sleep.yml'

/** When it was put to sleep; null: it is awake. */
export interface PreviewTruth {
  asleepSince: number | null
}

/** As GitHub has it: production is of the very branch, so that nothing but the config keeps it out of reach. */
export function deploymentIn({ pull, preview }: Truth, environment: string): DeploymentFacts | null {
  const { asleepSince } = preview
  const of = { id: 5, sha: pull.head.sha, ref: pull.head.ref, production: false }
  const awake = { state: 'success', description: 'awake', at: timestamp(0) }
  switch (environment) {
    case PREVIEW:
      return {
        ...of,
        status: asleepSince === null ? awake : { state: 'inactive', description: 'asleep: by the workflow', at: timestamp(asleepSince) },
      }
    case 'prod':
      return { ...of, id: 6, status: awake }
    case 'pr-9':
      return { ...of, id: 7, sha: '7'.repeat(40), ref: 'feature/cart', status: awake }
    default:
      return null
  }
}

/** The job of that workflow, when it succeeds. */
export function switched({ preview, now }: Truth, { action }: Readonly<Record<string, string>>): void {
  preview.asleepSince = action === 'sleep' ? now : null
}

type Say = (login: string, id: number, body: string, edited?: boolean) => void

export function sleepersOf(seed: number, say: Say): readonly { readonly at: number; readonly what: string; readonly run: () => void }[] {
  if (seed % 9 !== 1) return []
  const second = (body: string, edited?: boolean) => () => say('second', 22, body, edited)
  return [
    { at: 4_000, what: 'it is put to sleep', run: second(`/preview sleep ${PREVIEW}`) },
    { at: 4_100 + (seed % 5) * 900, what: 'and by another', run: () => say('approver', 21, `/preview sleep ${PREVIEW}`) },
    { at: 9_000, what: 'a stranger wakes it', run: () => say('stranger', 31, `/preview wake ${PREVIEW}`) },
    { at: 10_000, what: 'so does an edited comment', run: second(`/preview wake ${PREVIEW}`, true) },
    { at: 11_000, what: 'production is put to sleep', run: second('/preview sleep prod') },
    { at: 12_000, what: 'the preview of others is put to sleep', run: second('/preview sleep pr-9') },
    { at: 13_000 + (seed % 7) * 1_000, what: 'it is woken', run: second(`/preview wake ${PREVIEW}`) },
  ]
}

/** A run for each command that was done, of that preview alone, said by who may write, and no other run. */
export function judgePreviews({ comments, orders, runs }: Truth, answers: readonly Answer[], approvers: ReadonlySet<string>): string[] {
  const started = runs.filter(({ run }) => run.path.endsWith(`/${PREVIEW_WORKFLOW}`))
  const wanted = [...comments, ...orders].flatMap((comment) => {
    const parsed = parse(comment.body)
    const isDone = answers.some(({ nodeId, done }) => nodeId === comment.nodeId && done)
    return isDone && parsed?.kind === 'command' && parsed.command.name === 'preview' ? [{ ...comment, ...parsed.command }] : []
  })
  return [
    ...wanted.flatMap(({ id, nodeId, action, environment, edited, author }) => {
      const ours = started.filter(
        ({ key, inputs }) =>
          key.endsWith(`/preview/${isOfPage(nodeId) ? nodeId.split(':')[1] : id}`) &&
          inputs['action'] === action &&
          inputs['environment'] === environment,
      )
      return ours.length === 1 && !edited && approvers.has(author.login)
        ? []
        : [`"/preview ${action} ${environment}" by ${author.login} has ${ours.length} runs`]
    }),
    ...started.filter(({ inputs }) => inputs['environment'] !== PREVIEW).map(({ inputs }) => `a run switches ${inputs['environment']}`),
    ...(started.length === wanted.length ? [] : [`${started.length} runs for ${wanted.length} commands`]),
  ]
}
