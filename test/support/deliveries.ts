/** Signed deliveries as GitHub sends them, smallest form, and the operator that receives them. Keys and secrets are made at run time. */
import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WEBHOOK_PATH } from '../../app/webhooks/front-door.ts'

export const APP_ID = 1234
export const SECRET = randomBytes(32).toString('hex')
export const OLD_SECRET = randomBytes(32).toString('hex')

export const REPOSITORY = { id: 7, name: 'shop', full_name: 'acme/shop', owner: { login: 'acme', id: 9 }, default_branch: 'main' }
const SOURCE = { installation: { id: 3 }, repository: REPOSITORY, sender: { login: 'dev-1', id: 21 } }

export function pullRequestBody(number = 12, over: object = {}): object {
  const pull = { id: 100, number, head: { ref: 'release/v2.0.0', sha: 'a'.repeat(40) }, base: { ref: 'main', sha: 'b'.repeat(40) } }
  return { ...SOURCE, action: 'synchronize', number, pull_request: pull, ...over }
}

export function issueCommentBody(over: object = {}): object {
  const comment = { id: 55, body: '/promote plan:0', issue_url: 'https://api.github.test/repos/acme/shop/issues/12', performed_via_github_app: null }
  return { ...SOURCE, action: 'created', issue: { number: 12, pull_request: { url: 'u' } }, comment, ...over }
}

/** @param button that was pressed, for `requested_action` */
export function checkRunBody(action = 'rerequested', app = APP_ID, button = 'look-again'): object {
  return {
    ...SOURCE,
    action,
    ...(action === 'requested_action' && { requested_action: { identifier: button } }),
    check_run: { id: 77, name: 'release-conductor/policy_ci (main)', head_sha: 'a'.repeat(40), app: { id: app }, pull_requests: [{ number: 12 }] },
  }
}

export function checkSuiteBody(action = 'rerequested', app = APP_ID): object {
  return { ...SOURCE, action, check_suite: { id: 78, head_sha: 'a'.repeat(40), app: { id: app }, pull_requests: [] } }
}

export function workflowRunBody(over: object = {}, action = 'completed'): object {
  const run = {
    id: 9,
    head_branch: 'main',
    head_sha: 'a'.repeat(40),
    event: 'workflow_dispatch',
    run_attempt: 1,
    path: '.github/workflows/deploy.yml',
    ...over,
  }
  return { ...SOURCE, action, workflow_run: run, workflow: { id: 1 } }
}

export function pushBody(ref = 'refs/heads/release/v2.0.0'): object {
  return { ...SOURCE, ref, before: 'a'.repeat(40), after: 'b'.repeat(40), commits: [], created: false, deleted: false, forced: false }
}

export function mergeGroupBody(action = 'checks_requested', ref = `refs/heads/gh-readonly-queue/main/pr-12-${'b'.repeat(40)}`): object {
  const group = {
    head_sha: 'c'.repeat(40),
    head_ref: ref,
    base_sha: 'b'.repeat(40),
    base_ref: 'refs/heads/main',
    head_commit: { id: 'c'.repeat(40) },
  }
  return { ...SOURCE, action, merge_group: group }
}

export function deploymentStatusBody(app: number | null = null): object {
  const status = { id: 5, state: 'success', performed_via_github_app: app === null ? null : { id: app } }
  return { ...SOURCE, action: 'created', deployment_status: status, deployment: { id: 6, sha: 'a'.repeat(40), environment: 'prod' } }
}

export function protectionRuleBody(over: object = {}): object {
  const callback = 'https://api.github.test/repos/acme/shop/actions/runs/9/deployment_protection_rule'
  const deployment = { id: 6, sha: 'a'.repeat(40), ref: 'main', environment: 'prod' }
  return { ...SOURCE, action: 'requested', environment: 'prod', event: 'workflow_dispatch', deployment_callback_url: callback, deployment, ...over }
}

export function installationBody(action = 'created', app = APP_ID): object {
  return {
    action,
    installation: { id: 3, app_id: app, account: { login: 'acme' } },
    repositories: [{ id: 7, name: 'shop', full_name: 'acme/shop' }],
    sender: SOURCE.sender,
  }
}

export function installationRepositoriesBody(): object {
  return {
    action: 'added',
    installation: { id: 3, app_id: APP_ID },
    repositories_added: [{ id: 8, name: 'till', full_name: 'acme/till' }],
    repositories_removed: [],
    sender: SOURCE.sender,
  }
}

export function sign(body: Uint8Array | string, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}

export interface Sent {
  readonly event?: string
  readonly body?: object | string | Uint8Array
  readonly guid?: string
  readonly secret?: string
  /** Header name -> value; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export async function deliver(
  url: string,
  { event = 'pull_request', body = pullRequestBody(), guid = randomUUID(), secret, headers = {} }: Sent = {},
): Promise<Response> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/test',
    'x-github-event': event,
    'x-github-delivery': guid,
    'x-github-hook-id': '41',
    'x-github-hook-installation-target-type': 'integration',
    'x-github-hook-installation-target-id': String(APP_ID),
    'x-hub-signature-256': sign(bytes, secret),
    ...headers,
  }
  const given = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined))
  return fetch(`${url}${WEBHOOK_PATH}`, { method: 'POST', headers: given, body: bytes })
}

export function privateKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Writes an operator's file with its keys into the folder and answers its path. */
export function operatorFile(folder: string): string {
  writeFileSync(join(folder, 'app.pem'), privateKeyPem())
  const path = join(folder, 'operator.yml')
  writeFileSync(
    path,
    `github: { api_url: "http://127.0.0.1:9", app_id: ${APP_ID}, private_key_file: app.pem }
listen: { host: 127.0.0.1, port: 0 }
data_dir: data
signing: { id: demo, key_file: app.pem }
`,
  )
  return path
}
