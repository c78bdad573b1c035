/** What is wrong with a config, where, and what would be right. */
export interface ConfigProblem {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** Dotted path such as `environments.prod.steps[1]`; empty for the whole document. */
  readonly key: string
  /** What is wrong. */
  readonly message: string
  /** What was expected. */
  readonly expected: string
  /** Text that would be right here. */
  readonly example: string
  /** The known key that was probably meant. */
  readonly suggestion?: string
}

/** `["environments","prod","steps",1]` -> `environments.prod.steps[1]` */
export function keyOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((key, part) => (typeof part === 'number' ? `${key}[${part}]` : key === '' ? String(part) : `${key}.${String(part)}`), '')
}
