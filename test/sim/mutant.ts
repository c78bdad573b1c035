/** Each a defence that is taken away; some seed must notice. */
import type { MetricsPort } from '../../app/release/ports.ts'
import type { Gate } from '../../gates/gate.ts'
import type { Truth } from './truth.ts'

export type Mutant =
  | 'none'
  | 'no-find'
  | 'no-lease'
  | 'missing-is-zero'
  | 'no-log'
  | 'no-window'
  | 'no-lock'
  | 'no-hooks'
  | 'no-golden'
  | 'no-schema'
  | 'no-restore'
  | 'no-flags'
  | 'no-gates'
  | 'no-answers'

/** The gate over gates, once it holds whatever the others say. */
export function blind(gate: Gate): Gate {
  const green = gate.planted().find(({ expected }) => expected === 'green')
  return gate.readsVerdicts === true && green !== undefined ? { ...gate, decide: () => gate.decide(green.input) } : gate
}

/** A canary that says nothing is taken for one without errors. */
export function zeroed(port: MetricsPort, { traffic }: Truth): MetricsPort {
  return {
    sample: async (environment) => {
      const sample = await port.sample(environment)
      return { ...sample, canary: sample.canary ?? { ...traffic.canary, errors: 0 } }
    },
  }
}
