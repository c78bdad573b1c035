/** Places of a workflow or an action.yml that hold expressions, and what each may ask for. Pure. */
import { isRecord } from '../yaml.ts'

type Path = readonly (string | number)[]

export interface Place {
  readonly contexts: ReadonlySet<string>
  /** Beyond those that are known everywhere. */
  readonly functions: ReadonlySet<string>
  /** The whole text is an expression, and decides whether something runs. */
  readonly condition: boolean
}

function place(contexts: string, functions = '', condition = false): Place {
  return { contexts: new Set(contexts.split(' ')), functions: new Set(functions.split(' ').filter((name) => name !== '')), condition }
}

const STATUS = 'always cancelled failure success'
const JOB = 'github inputs vars needs strategy matrix'
const STEP = `${JOB} job runner env steps`
const INSIDE = 'github inputs strategy matrix job runner env steps'

/** https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability */
export const PLACES = {
  'run-name': place('github inputs vars'),
  concurrency: place('github inputs vars'),
  env: place('github inputs vars secrets'),
  'on.workflow_call.inputs.default': place('github inputs vars'),
  'on.workflow_call.outputs.value': place('github inputs vars jobs'),
  'job.if': place('github inputs vars needs', STATUS, true),
  'job.strategy': place('github inputs vars needs'),
  'job.name': place(JOB),
  'job.runs-on': place(JOB),
  'job.concurrency': place(JOB),
  'job.continue-on-error': place(JOB),
  'job.timeout-minutes': place(JOB),
  'job.environment': place(JOB),
  'job.environment.url': place(STEP),
  'job.env': place(`${JOB} secrets`),
  'job.defaults': place(`${JOB} env`),
  'job.snapshot.if': place(JOB, '', true),
  'job.container': place(JOB),
  // By the page without steps, by the language service with them.
  'job.container.env': place(`${STEP} secrets`),
  'job.container.credentials': place(`${JOB} env secrets`),
  'job.with': place(JOB),
  'job.secrets': place(`${JOB} secrets`),
  'job.outputs': place(`${STEP} secrets`),
  'step.if': place(STEP, `${STATUS} hashFiles`, true),
  step: place(`${STEP} secrets`, 'hashFiles'),
  'action.step.if': place(INSIDE, `${STATUS} hashFiles`, true),
  'action.step': place(INSIDE, 'hashFiles'),
  'action.outputs.value': place(INSIDE),
} satisfies Record<string, Place>
export type PlaceName = keyof typeof PLACES

export interface Located {
  readonly text: string
  readonly at: Path
  readonly place: PlaceName
  /** Null: outside of every job, or in an action. */
  readonly job: string | null
  /** Null: outside of every step. */
  readonly step: number | null
}

/** Keys of a job whose texts, however deep, are one place. */
const JOB_KEYS = [
  'if',
  'strategy',
  'name',
  'runs-on',
  'concurrency',
  'continue-on-error',
  'timeout-minutes',
  'env',
  'with',
  'secrets',
  'outputs',
] as const
const STEP_KEYS = ['name', 'run', 'with', 'env', 'continue-on-error', 'timeout-minutes', 'working-directory']

export function locatedInWorkflow(workflow: Readonly<Record<string, unknown>>): Located[] {
  const nowhere = { job: null, step: null }
  const call = isRecord(workflow['on']) ? workflow['on']['workflow_call'] : undefined
  const of = (key: 'inputs' | 'outputs') => (isRecord(call) && isRecord(call[key]) ? Object.entries(call[key]) : [])
  const named = (key: 'inputs' | 'outputs', field: 'default' | 'value', where: PlaceName): Located[] =>
    of(key).flatMap(([name, one]) => (isRecord(one) ? texts(one[field], ['on', 'workflow_call', key, name, field], where, nowhere) : []))
  return [
    ...(['run-name', 'concurrency', 'env'] as const).flatMap((key) => texts(workflow[key], [key], key, nowhere)),
    ...named('inputs', 'default', 'on.workflow_call.inputs.default'),
    ...named('outputs', 'value', 'on.workflow_call.outputs.value'),
    ...Object.entries(isRecord(workflow['jobs']) ? workflow['jobs'] : {}).flatMap(([id, job]) => (isRecord(job) ? locatedInJob(id, job) : [])),
  ]
}

function locatedInJob(id: string, job: Readonly<Record<string, unknown>>): Located[] {
  const [at, where] = [['jobs', id], { job: id, step: null }]
  const { environment, container, services, defaults, snapshot, steps } = job
  const [named, env] = isRecord(environment) ? [['environment', 'name'], environment] : [['environment'], { name: environment }]
  const contained = (value: unknown, below: Path): Located[] => {
    if (!isRecord(value)) return texts(value, below, 'job.container', where)
    const { env: variables, credentials, ...rest } = value
    return [
      ...texts(rest, below, 'job.container', where),
      ...texts(variables, [...below, 'env'], 'job.container.env', where),
      ...texts(credentials, [...below, 'credentials'], 'job.container.credentials', where),
    ]
  }
  return [
    ...JOB_KEYS.flatMap((key) => texts(job[key], [...at, key], `job.${key}`, where)),
    ...texts(env['name'], [...at, ...named], 'job.environment', where),
    ...texts(env['url'], [...at, 'environment', 'url'], 'job.environment.url', where),
    ...texts(isRecord(defaults) ? defaults['run'] : undefined, [...at, 'defaults', 'run'], 'job.defaults', where),
    ...texts(isRecord(snapshot) ? snapshot['if'] : undefined, [...at, 'snapshot', 'if'], 'job.snapshot.if', where),
    ...contained(container, [...at, 'container']),
    ...(isRecord(services)
      ? Object.entries(services).flatMap(([name, service]) => contained(service, [...at, 'services', name]))
      : texts(services, [...at, 'services'], 'job.container', where)),
    ...locatedInSteps(steps, [...at, 'steps'], id, 'step'),
  ]
}

export function locatedInAction(action: Readonly<Record<string, unknown>>): Located[] {
  const { runs, outputs } = action
  if (!isRecord(runs) || runs['using'] !== 'composite') return []
  const values = Object.entries(isRecord(outputs) ? outputs : {}).flatMap(([name, one]) =>
    isRecord(one) ? texts(one['value'], ['outputs', name, 'value'], 'action.outputs.value', { job: null, step: null }) : [],
  )
  return [...locatedInSteps(runs['steps'], ['runs', 'steps'], null, 'action.step'), ...values]
}

function locatedInSteps(steps: unknown, at: Path, job: string | null, where: 'step' | 'action.step'): Located[] {
  return (Array.isArray(steps) ? (steps as unknown[]) : []).flatMap((step, index) =>
    isRecord(step)
      ? [
          ...texts(step['if'], [...at, index, 'if'], `${where}.if`, { job, step: index }),
          ...STEP_KEYS.flatMap((key) => texts(step[key], [...at, index, key], where, { job, step: index })),
        ]
      : [],
  )
}

function texts(value: unknown, at: Path, where: PlaceName, of: Pick<Located, 'job' | 'step'>): Located[] {
  if (typeof value === 'string') return [{ text: value, at, place: where, ...of }]
  if (Array.isArray(value)) return (value as unknown[]).flatMap((one, index) => texts(one, [...at, index], where, of))
  return isRecord(value) ? Object.entries(value).flatMap(([key, one]) => texts(one, [...at, key], where, of)) : []
}
