/**
 * The contract of an agent: one question about inputs, answered with a report (ARCHITECTURE, One agent file).
 *
 * `assess` is pure: what it needs was collected before, by `agents/collect`, and is part of the record, so the same inputs give the same report for ever.
 * The runner, not the agent, collects the inputs, isolates faults, validates the response, and answers `blocked` when an input is missing.
 */
import type { z } from 'zod'
import type { PlannedAction } from '../evidence/model/action-plan.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId, Phase } from '../evidence/model/phases.ts'
import type { Measured } from '../evidence/model/verdict.ts'
import type { Inputs, InputKind } from './collect/inputs.ts'

/** The numbers behind one gate's question. The runner makes the agent's opinion from them, by the verdict law. */
export interface Measurement {
  readonly gate: GateId
  readonly metrics: Record<string, number>
  readonly thresholds: Record<string, string>
  readonly measured: Omit<Measured, 'data_digest'>
}

/** A file of the agent's own, under the paths the roster gives it; canonical JSON unless `text` is set. */
export interface ReportFile {
  readonly path: string
  readonly type: 'report' | 'evidence' | 'schema' | 'dash' | 'sbom'
  readonly content: unknown
}

export interface Report {
  readonly findings: readonly Finding[]
  readonly measurements: readonly Measurement[]
  readonly files: readonly ReportFile[]
  /** Short; says what to do. */
  readonly notes: string
  readonly next: string
}

/** A planted fault, or its healthy twin: complete inputs, and the finding rules that must (or must not) come out. */
export interface PlantedInput<Needs extends InputKind> {
  /** As in the roster's `catches`. */
  readonly catches: string
  readonly expected: 'red' | 'green'
  readonly inputs: Pick<Inputs, Needs>
  /** For red: at least these rules are found. */
  readonly rules?: readonly string[]
}

export interface Agent<Needs extends InputKind = InputKind, Policy = unknown> {
  readonly id: string
  readonly name: string
  readonly phase: readonly Phase[]
  /** Gates its measurements feed. */
  readonly gate: readonly GateId[]
  /** What it looks at: evidence kind agent-response/<topic>. */
  readonly topic: string
  readonly question: string
  readonly why: string
  /** Raise it when the same inputs can answer differently. */
  readonly version: number
  /** It sees these inputs and nothing else. */
  readonly needs: readonly Needs[]
  /** Evidence paths inside the pack; `*` stands for any name. */
  readonly writes: readonly string[]
  readonly policy: z.ZodType<Policy>
  assess(inputs: Pick<Inputs, Needs>, policy: Policy): Report
  /** What PLAN shows and APPLY would do; an agent without one changes nothing. Pure, as `assess` is. */
  plan?(inputs: Pick<Inputs, Needs>, policy: Policy): readonly Omit<PlannedAction, 'sha256'>[]
  /** From the sibling file `<name>.faults.ts`. */
  readonly planted: readonly PlantedInput<Needs>[]
}

/** Keeps the types of `needs` and `policy` together. */
export function agent<Needs extends InputKind, Policy>(definition: Agent<Needs, Policy>): Agent<Needs, Policy> {
  return definition
}
