/** What the runner is given of a run: tokens, artifacts, identity; nothing it could use to change the run itself. */
import { jobToken, signJwt } from '../http/tokens.ts'
import type { JobPermissions, JobUpdate, RunRequest } from '../runner.ts'
import type { ArtifactState, RunState } from '../world/actions.ts'
import type { Level, Repository } from '../world/model.ts'
import { ACTIONS_APP_ID, appOf, findRepository, type World } from '../world/world.ts'
import { artifactBytes, putArtifact } from './artifacts.ts'

/** Workflow spelling to the App's: `pull-requests` to `pull_requests`. `id-token` is no permission of the REST API. */
const restPermissions = (permissions: JobPermissions): Record<string, Level> => {
  const out: Record<string, Level> = { metadata: 'read' }
  for (const [name, level] of Object.entries(permissions)) if (name !== 'id-token' && level !== 'none') out[name.replaceAll('-', '_')] = level
  return out
}

const stored = ({ id, digest, size, name }: ArtifactState): { id: number; digest: string; size: number; name: string } => ({ id, digest, size, name })

export const requestOf = (world: World, one: Repository, run: RunState, tokens: string[], onJob: (update: JobUpdate) => void): RunRequest => {
  const name = `${one.owner.login}/${one.name}`
  return {
    runId: run.id,
    attempt: run.attempt,
    repository: { owner: one.owner.login, name: one.name, id: one.id, ownerId: one.owner.id, defaultBranch: one.defaultBranch, gitDir: one.gitDir },
    gitDirOf: (owner, repository) => findRepository(world, owner, repository)?.gitDir ?? null,
    workflowPath: run.workflow.path,
    sha: run.sha,
    ref: run.ref,
    event: { name: run.event, payload: run.payload },
    inputs: run.inputs,
    actor: { login: run.actor.login, id: run.actor.id },
    secrets: { ...one.secrets },
    variables: { ...one.variables },
    serverUrl: world.base,
    apiUrl: `${world.base}/api/v3`,
    mintToken: (permissions) => {
      const token = jobToken(world, appOf(world, ACTIONS_APP_ID), one, restPermissions(permissions), run.id)
      tokens.push(token)
      return token
    },
    oidcToken: (audience, claims) => {
      const now = Math.floor(world.now().getTime() / 1000)
      return signJwt(
        {
          runner_environment: 'github-hosted',
          ...claims,
          iss: `${world.base}/_oidc`,
          aud: audience,
          sub: `repo:${one.owner.login}@${one.owner.id}/${one.name}@${one.id}:ref:${run.ref}`,
          jti: crypto.randomUUID(),
          iat: now,
          nbf: now - 10,
          exp: now + 300,
          repository: name,
          repository_id: String(one.id),
          repository_owner: one.owner.login,
          repository_owner_id: String(one.owner.id),
          repository_visibility: one.private ? 'private' : 'public',
          actor: run.actor.login,
          actor_id: String(run.actor.id),
          sha: run.sha,
          ref: run.ref,
          ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
          event_name: run.event,
          run_id: String(run.id),
          run_number: String(run.number),
          run_attempt: String(run.attempt),
          workflow: run.workflow.name,
          workflow_ref: `${name}/${run.workflow.path}@${run.ref}`,
          workflow_sha: run.sha,
        },
        world.oidc.privateKey,
        world.oidc.kid,
      )
    },
    putArtifact: async (of) => stored(await putArtifact(world, run, of)),
    getArtifact: async (id) => await artifactBytes(one.runs, id),
    listArtifacts: () => run.artifacts.map(stored),
    onJob,
    signal: run.abort.signal,
  }
}
