/**
 * Which contexts and functions an expression may use, by the place it stands in.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
 */
export interface Place {
  readonly contexts: readonly string[]
  /** Status functions: success, failure, always, cancelled. */
  readonly status: boolean
}

const place = (contexts: string, status = false): Place => ({ contexts: contexts.split(' '), status })

export const PLACES = {
  'run-name': place('github inputs vars'),
  concurrency: place('github inputs vars'),
  'workflow-env': place('github secrets inputs vars'),
  'workflow-output': place('github jobs vars inputs'),
  strategy: place('github needs vars inputs'),
  'job-if': place('github needs vars inputs', true),
  'job-name': place('github needs strategy matrix vars inputs'),
  'job-env': place('github needs strategy matrix vars secrets inputs'),
  'job-with': place('github needs inputs vars'),
  'job-secret': place('github needs secrets inputs vars'),
  'job-output': place('github needs strategy matrix job runner env vars secrets steps inputs'),
  step: place('github needs strategy matrix job runner env vars secrets steps inputs'),
  'step-if': place('github needs strategy matrix job runner env vars steps inputs', true),
  'action-default': place('github job runner'),
} as const satisfies Record<string, Place>
export type PlaceName = keyof typeof PLACES
