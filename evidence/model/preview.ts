/** A preview as GitHub tells of it, for the agents that look at it and for the App that is told to put it to sleep. Pure. */
import { z } from 'zod'

export const PREVIEW_ACTIONS = ['sleep', 'wake'] as const
export type PreviewAction = (typeof PREVIEW_ACTIONS)[number]

/** A name that may stand in a command, and be handed to a workflow: GitHub lets environments have any other character too, and none of those gets there. */
export const PreviewName = z
  .string()
  .max(255)
  .regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]*$/)

/** What the newest status of a deployment says, as far as sleep goes. */
export interface PreviewStatus {
  readonly state: string
  readonly description: string | null
}

/**
 * GitHub knows no state for it. `inactive` is true of a preview that sleeps, since nothing runs and nobody is sent there, but one that was taken down has it too;
 * the description tells them apart: it is `asleep`, or begins with `asleep:`.
 */
export function isAsleep({ state, description }: PreviewStatus): boolean {
  return state === 'inactive' && /^asleep(?::|$)/i.test(description ?? '')
}

/** Does a deployment belong to the pull request with this branch and head? */
export function isOfPull(deployment: { readonly ref: string; readonly sha: string }, pull: { readonly ref: string; readonly head: string }): boolean {
  return deployment.ref === pull.ref || deployment.sha === pull.head
}
