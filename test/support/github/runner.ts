/**
 * The seam between the double of GitHub and whatever executes its workflows. The double owns state (runs, jobs, artifacts, tokens); the runner
 * owns execution. The double calls `run` once for each attempt of a run, never twice at once for the same run.
 */

/** Permission names as a workflow spells them (`contents`, `id-token`, `pull-requests`), with their levels. */
export type JobPermissions = Readonly<Record<string, 'read' | 'write' | 'none'>>

/** What GitHub's check of a job's outcome can be, in the words of the REST API. */
export type JobConclusion = 'success' | 'failure' | 'cancelled' | 'skipped' | 'timed_out'

/** One job as it is to be shown by `GET /actions/runs/{id}/jobs`. Reported as often as wanted; the same `name` is the same job. */
export interface JobUpdate {
  /** Display name, e.g. `conduct / agents`. */
  readonly name: string
  readonly status: 'queued' | 'in_progress' | 'completed'
  /** Only with `completed`. */
  readonly conclusion?: JobConclusion
  readonly steps?: readonly StepUpdate[]
}

export interface StepUpdate {
  readonly name: string
  readonly number: number
  readonly status: 'queued' | 'in_progress' | 'completed'
  readonly conclusion?: JobConclusion
}

/** Claims of an identity token that only the runner knows. The rest (repository, sha, ref, run) the double fills in and nobody can override. */
export interface OidcClaims {
  /** `owner/repo/.github/workflows/x.yml@ref` of the file that holds the job (the reusable workflow when there is one). */
  readonly job_workflow_ref: string
  /** Commit of that file. */
  readonly job_workflow_sha: string
  readonly runner_environment?: 'github-hosted' | 'self-hosted'
  readonly environment?: string
}

export interface StoredArtifact {
  readonly id: number
  /** `sha256:<64 hex>` of the zip. */
  readonly digest: string
  /** Bytes of the zip. */
  readonly size: number
}

export interface RunRequest {
  readonly runId: number
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly repository: {
    readonly owner: string
    readonly name: string
    readonly id: number
    readonly ownerId: number
    readonly defaultBranch: string
    /** Bare git directory on disk. Read from it; write only through `apiUrl` or a push with a minted token's rights. */
    readonly gitDir: string
  }
  /** Bare git directory of another repository of the double (for `uses: owner/repo/...@sha`), or null when the double does not hold it. */
  readonly gitDirOf: (owner: string, name: string) => string | null
  /** Path of the top-level workflow file, e.g. `.github/workflows/deploy.yml`. */
  readonly workflowPath: string
  /** 40 hex: the commit the run is for, and from which the workflow file is read. */
  readonly sha: string
  /** Full ref, e.g. `refs/heads/main`. */
  readonly ref: string
  readonly event: { readonly name: string; readonly payload: Readonly<Record<string, unknown>> }
  /** Inputs of `workflow_dispatch`, defaults of the file already filled in; empty for other events. */
  readonly inputs: Readonly<Record<string, string | boolean | number>>
  readonly actor: { readonly login: string; readonly id: number }
  readonly secrets: Readonly<Record<string, string>>
  readonly variables: Readonly<Record<string, string>>
  /** `http://127.0.0.1:port`: what `github.server_url` is. */
  readonly serverUrl: string
  /** REST root: what `github.api_url` is. */
  readonly apiUrl: string
  /** A GITHUB_TOKEN for one job, with no more than these permissions. Revoked when the run ends. */
  readonly mintToken: (permissions: JobPermissions) => string
  /** A signed identity token (RS256, issuer `<serverUrl>/_oidc`, keys at `<issuer>/.well-known/jwks`). The runner must have checked `id-token: write`. */
  readonly oidcToken: (audience: string, claims: OidcClaims) => string
  /** Stores an artifact of this run. Names are unique in an attempt and never overwritten. Give a directory or the bytes of a zip. */
  readonly putArtifact: (
    of: { readonly name: string; readonly dir: string } | { readonly name: string; readonly zip: Uint8Array },
  ) => Promise<StoredArtifact>
  /** The zip of an artifact of this repository, null when there is none with that id. */
  readonly getArtifact: (id: number) => Promise<Uint8Array | null>
  /** Artifacts of this run so far. */
  readonly listArtifacts: () => readonly (StoredArtifact & { readonly name: string })[]
  /** Report progress; the double shows it in the REST API. */
  readonly onJob: (update: JobUpdate) => void
  /** Aborted when the run is cancelled or the double stops. */
  readonly signal: AbortSignal
}

export interface RunResult {
  readonly conclusion: JobConclusion | 'startup_failure'
  readonly jobs: readonly JobUpdate[]
  /** The resolved `run-name`; the double has already resolved simple ones (`inputs.*`, `github.*`). */
  readonly title?: string
}

/** Executes one attempt of one run. A thrown error is shown as `startup_failure`, and its message in the double's `violations`. */
export interface WorkflowRunner {
  run(of: RunRequest): Promise<RunResult>
}
