/** Text of a workflow or of an action.yml -> everything wrong with it. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import { isRecord, readYaml, type YamlDocument } from '../yaml.ts'
import { contextsOf, expressionsOf } from './cicd-engineer.expressions.ts'
import { actionNameFindings, workflowNameFindings } from './cicd-engineer.names.ts'
import { permissionFindings } from './cicd-engineer.permissions.ts'
import { shapeFindings } from './cicd-engineer.shape.ts'
import { pinFindings, stepsFindings, strangersIn, type Surroundings } from './cicd-engineer.steps.ts'

export type Say = (rule: string, severity: Finding['severity'], at: readonly (string | number)[], message: string, next: string) => void

/** GitHub takes no workflow above 500 KB. */
const LIMITS = { text: 512 << 10, documents: 1 }
const DANGEROUS = ['pull_request_target', 'workflow_run', 'issue_comment']

export interface WorkflowRead {
  readonly findings: readonly Finding[]
  /** Names of the events it listens to; empty for an action. */
  readonly events: readonly string[]
  readonly jobs: number
}

export function readWorkflow(path: string, text: string): WorkflowRead {
  const findings: Finding[] = []
  const nothing = { findings, events: [], jobs: 0 }
  const file = readYaml(text, LIMITS)
  const fault = (line: number, rule: string, message: string): WorkflowRead => {
    const next = 'Write it as GitHub reads it; `actionlint` shows the place.'
    findings.push({ rule: `workflow.${rule}`, severity: 'error', path: path.slice(0, 500), line, message: message.slice(0, 1000), next })
    return nothing
  }
  if ('problem' in file) return fault(file.problem.line, file.problem.kind, `The file cannot be used: ${file.problem.message}`)
  const [document] = file.documents
  if (document === undefined || !isRecord(document.value)) return fault(1, 'broken', 'The file holds no map of keys')
  const say = sayer(path, document, findings)
  const whole = document.value
  if (!path.startsWith('.github/workflows/')) {
    actionFindings(whole, say)
    return nothing
  }
  const events = eventsOf(whole['on'])
  const jobs = isRecord(whole['jobs']) ? whole['jobs'] : {}
  shapeFindings(whole, jobs, events, say)
  if (events.length === 0) say('broken', 'error', ['on'], 'Nothing starts this workflow: it has no `on`', 'Say which events start it.')
  if (Object.keys(jobs).length === 0) say('broken', 'error', ['jobs'], 'The workflow has no job', 'Give it one, or delete the file.')
  triggerFindings(events, say)
  permissionFindings(whole, jobs, events.length > 0 && events.every((event) => event === 'workflow_call'), say)
  const dangerous = DANGEROUS.find((event) => events.includes(event)) ?? null
  const env = new Set(strangersIn(whole['env']))
  for (const [id, job] of Object.entries(jobs)) jobFindings(id, job, Object.keys(jobs), { dangerous, env }, say)
  needsFindings(jobs, say)
  workflowNameFindings(whole, say)
  return { findings, events, jobs: Object.keys(jobs).length }
}

function sayer(path: string, document: YamlDocument, findings: Finding[]): Say {
  return (rule, severity, at, message, next) => {
    findings.push({
      rule: `workflow.${rule}`,
      severity,
      path: path.slice(0, 500),
      line: document.line(at),
      message: message.slice(0, 1000),
      next: next.slice(0, 1000),
    })
  }
}

/** `on: push`, `on: [push]`, `on: { push: … }` -> names. */
function eventsOf(on: unknown): string[] {
  if (typeof on === 'string') return [on]
  if (Array.isArray(on)) return on.filter((name) => typeof name === 'string')
  return isRecord(on) ? Object.keys(on) : []
}

function triggerFindings(events: readonly string[], say: Say): void {
  for (const event of events.filter((name) => name === 'pull_request_target' || name === 'workflow_run'))
    say(
      'dangerous-trigger',
      'warning',
      ['on', event],
      `${event} runs with the repository's secrets for what a stranger opens`,
      'Use `pull_request`, and hand over by artifact what needs more.',
    )
}

function jobFindings(id: string, job: unknown, ids: readonly string[], around: Surroundings, say: Say): void {
  const at = ['jobs', id]
  if (!isRecord(job)) {
    say('broken', 'error', at, `The job ${id} is no map of keys`, 'Give it `runs-on` and `steps`, or `uses`.')
    return
  }
  const { uses } = job
  if (typeof uses === 'string') {
    pinFindings(uses, [...at, 'uses'], say)
    if (job['secrets'] === 'inherit')
      say('all-secrets', 'warning', [...at, 'secrets'], `The job ${id} hands every secret to ${uses}`, 'Name the secrets that it needs.')
  } else {
    if (job['runs-on'] === undefined) say('broken', 'error', at, `The job ${id} says nowhere to run: it has no \`runs-on\``, 'Add `runs-on`.')
    if (!Array.isArray(job['steps'])) say('broken', 'error', at, `The job ${id} has no steps`, 'Add `steps`, or `uses`.')
  }
  for (const need of [job['needs']].flat().filter((name) => typeof name === 'string'))
    if (!ids.includes(need)) say('broken', 'error', [...at, 'needs'], `The job ${id} needs ${need}, which is not there`, 'Name a job of this file.')
  botFindings(job['if'], [...at, 'if'], around, say)
  imageFindings(job, at, say)
  if (JSON.stringify(job['env'] ?? '').includes('ACTIONS_ALLOW_UNSECURE_COMMANDS'))
    say(
      'unsecure-commands',
      'error',
      [...at, 'env'],
      'Commands that a log line can give are let in again',
      'Take ACTIONS_ALLOW_UNSECURE_COMMANDS out.',
    )
  const env = new Set([...around.env, ...strangersIn(job['env'], around.env)])
  stepsFindings(job['steps'], [...at, 'steps'], { ...around, env }, say)
}

/** Who a run is by can be chosen where a bot's pull request is changed by another. */
function botFindings(condition: unknown, at: readonly (string | number)[], around: Surroundings, say: Say): void {
  if (around.dangerous === null || typeof condition !== 'string' || !/github\.(?:actor|triggering_actor)\b[^&|]*\[bot\]/.test(condition)) return
  say(
    'bot-by-name',
    'error',
    at,
    `The job believes github.actor under ${around.dangerous}: whoever pushes last is not who opened it`,
    'Ask `github.event.pull_request.user.login`.',
  )
}

/** Containers of a job run with its token. */
function imageFindings(job: Readonly<Record<string, unknown>>, at: readonly (string | number)[], say: Say): void {
  const services = isRecord(job['services']) ? Object.entries(job['services']).map(([name, value]) => [['services', name], value] as const) : []
  for (const [place, container] of [[['container'], job['container']] as const, ...services]) {
    const image = isRecord(container) ? container['image'] : container
    const credentials = isRecord(container) && isRecord(container['credentials']) ? container['credentials'] : {}
    const password = credentials['password']
    if (typeof image === 'string' && image !== '' && !image.includes('${{') && !/@sha256:[0-9a-f]{64}$/.test(image))
      say('image-unpinned', 'warning', [...at, ...place], `The image ${image} is not pinned by digest`, 'Pin it: `image: name:tag@sha256:…`.')
    if (typeof password === 'string' && password !== '' && expressionsOf(password).flatMap(contextsOf).length === 0)
      say('password-in-file', 'error', [...at, ...place], 'A registry password stands in the file', 'Put it into a secret, and replace it.')
  }
}

/** A job that waits for itself never runs. */
function needsFindings(jobs: Readonly<Record<string, unknown>>, say: Say): void {
  const needs = new Map(
    Object.entries(jobs).map(([id, job]) => [id, isRecord(job) ? [job['needs']].flat().filter((name) => typeof name === 'string') : []]),
  )
  const done = new Set<string>()
  for (let found = true; found;) {
    found = false
    for (const [id, of] of needs)
      if (!done.has(id) && of.every((need) => done.has(need) || !needs.has(need))) {
        done.add(id)
        found = true
      }
  }
  const [waiting] = [...needs.keys()].filter((id) => !done.has(id))
  if (waiting !== undefined)
    say('broken', 'error', ['jobs', waiting, 'needs'], `The job ${waiting} waits for jobs that wait for it`, 'Break the circle of `needs`.')
}

function actionFindings(action: Readonly<Record<string, unknown>>, say: Say): void {
  const runs = isRecord(action['runs']) ? action['runs'] : {}
  if (runs['using'] === 'composite') stepsFindings(runs['steps'], ['runs', 'steps'], { dangerous: null, env: new Set() }, say)
  actionNameFindings(action, say)
  const image = runs['image']
  if (typeof image === 'string' && image.startsWith('docker://')) pinFindings(image, ['runs', 'image'], say)
}
