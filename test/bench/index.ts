/** The list of benchmarks. */
import type { Benchmark } from './benchmark.ts'
import { actions } from './actions.ts'
import { calls } from './calls.ts'
import { deliveries } from './deliveries.ts'
import { growth } from './growth.ts'
import { judge } from './judge.ts'
import { kills } from './kills.ts'
import { pack } from './pack.ts'
import { planning } from './planning.ts'
import { rollout } from './rollout.ts'
import { sbom } from './sbom.ts'
import { signatures } from './signatures.ts'
import { specialists } from './specialists.ts'
import { verify } from './verify.ts'

export const BENCHMARKS: readonly Benchmark[] = [
  signatures,
  pack,
  verify,
  sbom,
  judge,
  rollout,
  deliveries,
  kills,
  calls,
  planning,
  actions,
  growth,
  specialists,
]
