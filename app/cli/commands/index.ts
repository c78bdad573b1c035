/** The list of verbs. A verb that is not built is not in it; `ABSENT` says what is missing, so that nobody takes silence for a yes. */
import type { Verb } from '../verb.ts'
import { agents } from './agents.ts'
import { audit } from './audit.ts'
import { config } from './config.ts'
import { doctor } from './doctor.ts'
import { evidence } from './evidence.ts'
import { gates } from './gates.ts'
import { init } from './init.ts'
import { keys } from './keys.ts'
import { promote } from './promote.ts'
import { rollback } from './rollback.ts'
import { router } from './router.ts'
import { run } from './run.ts'
import { serve } from './serve.ts'
import { status } from './status.ts'
import { validate } from './validate.ts'

export const VERBS: readonly Verb[] = [
  init,
  validate,
  run,
  promote,
  rollback,
  status,
  evidence,
  audit,
  agents,
  gates,
  config,
  doctor,
  serve,
  router,
  keys,
]

/** Verbs of the specification whose part does not exist yet. */
export const ABSENT: Readonly<Record<string, string>> = {
  judge: 'the statistical judge is not there; the rollout is watched by absolute guards.',
}
