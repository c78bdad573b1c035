/** What GitHub remembers of Actions: workflows, runs, jobs, artifacts. */
import type { JobUpdate } from '../runner.ts'
import type { Account, Json } from './model.ts'

export interface StoredFile {
  readonly path: string
  readonly size: number
  /** `sha256:<hex>` */
  readonly digest: string
}

export interface WorkflowState {
  readonly id: number
  readonly path: string
  name: string
  readonly createdAt: string
}

export interface JobState {
  readonly id: number
  readonly checkRunId: number
  readonly attempt: number
  readonly createdAt: string
  startedAt: string
  completedAt: string | null
  update: JobUpdate
}

export interface ArtifactState extends StoredFile {
  readonly id: number
  readonly name: string
  readonly attempt: number
  readonly createdAt: string
  expired: boolean
}

export interface RunState {
  readonly id: number
  readonly number: number
  readonly workflow: WorkflowState
  readonly event: string
  readonly payload: Json
  readonly inputs: Readonly<Record<string, string | boolean | number>>
  readonly sha: string
  readonly ref: string
  readonly suiteId: number
  readonly actor: Account
  readonly createdAt: string
  title: string
  attempt: number
  status: 'queued' | 'in_progress' | 'waiting' | 'completed'
  conclusion: string | null
  startedAt: string
  updatedAt: string
  readonly jobs: JobState[]
  readonly artifacts: ArtifactState[]
  abort: AbortController
}
