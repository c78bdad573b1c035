/** A Dockerfile as the rules see it: stages with their base resolved, the user each ends with, and the instructions that reach an image. Pure. */
import { DockerfileParser } from 'dockerfile-ast'
import type { Dockerfile, From, Instruction } from 'dockerfile-ast'

export interface Stage {
  /** Lower case; null when it has none. */
  readonly name: string | null
  /** 1-based. */
  readonly line: number
  /** As written. */
  readonly image: string
  /** With ARG defaults put in; null when a variable has no value. */
  readonly base: string | null
  /** The stage this one builds on. */
  readonly parent: Stage | null
  readonly instructions: readonly Instruction[]
}

export interface Recipe {
  readonly stages: readonly Stage[]
  /** ARG before the first FROM. */
  readonly globals: readonly Instruction[]
}

/** 1-based line of an instruction. */
export function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1
}

/** Text of a Dockerfile -> its stages, in order; null when nothing in it builds an image. */
export function recipeOf(text: string): Recipe | null {
  const file = DockerfileParser.parse(text)
  const values = globalValues(file)
  const stages: Stage[] = []
  const globals: Instruction[] = []
  let open: Instruction[] = []
  for (const instruction of file.getInstructions()) {
    if (instruction.getKeyword() !== 'FROM') {
      ;(stages.length === 0 ? globals : open).push(instruction)
      continue
    }
    open = []
    stages.push(stageOf(instruction as From, values, stages, open))
  }
  return stages.length === 0 ? null : { stages, globals }
}

function stageOf(from: From, values: ReadonlyMap<string, string>, earlier: readonly Stage[], instructions: Instruction[]): Stage {
  const image = from.getImage() ?? ''
  const base = expand(image, values)
  const lower = base?.toLowerCase()
  const parent = earlier.findLast((stage) => stage.name !== null && stage.name === lower) ?? null
  return { name: from.getBuildStage()?.toLowerCase() ?? null, line: lineOf(from), image, base, parent, instructions }
}

function globalValues(file: Dockerfile): Map<string, string> {
  const values = new Map<string, string>()
  for (const argument of file.getInitialARGs())
    for (const property of argument.getProperties()) {
      const value = property.getValue()
      const expanded = value === null ? null : expand(value, values)
      if (expanded !== null) values.set(property.getName(), expanded)
    }
  return values
}

/** Puts values in for `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`; null when something cannot be known. */
export function expand(text: string, values: ReadonlyMap<string, string>): string | null {
  let unknown = false
  const expanded = text.replaceAll(
    /\$(?:\{(\w+)(?:(:?[-+])([^{}]*))?\}|(\w+))/g,
    (_found, braced?: string, operator?: string, word?: string, bare?: string) => {
      const value = values.get(braced ?? bare ?? '')
      const set = value !== undefined && (value !== '' || operator?.startsWith(':') !== true)
      if (operator?.endsWith('-') === true) return set ? value : (word ?? '')
      if (operator?.endsWith('+') === true) return set ? (word ?? '') : ''
      if (value === undefined) unknown = true
      return value ?? ''
    },
  )
  return unknown || expanded.includes('$') || expanded === '' ? null : expanded
}

/** The last USER of a stage or of the stages it builds on; null when none says one. */
export function userOf(stage: Stage): { readonly user: string; readonly line: number } | null {
  for (let at: Stage | null = stage; at !== null; at = at.parent) {
    const last = at.instructions.findLast((instruction) => instruction.getKeyword() === 'USER')
    if (last !== undefined) return { user: last.getArgumentsContent()?.trim() ?? '', line: lineOf(last) }
  }
  return null
}
