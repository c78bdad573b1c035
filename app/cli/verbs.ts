/** The list of verbs, each loaded when it is asked for. */
import type { Verb } from './verb.ts'

/** @param args what follows the verb: `evidence` loads no more than the action they begin with */
type Load = (args: readonly string[]) => Promise<Verb>

export const LOADERS: Readonly<Record<string, Load>> = {
  setup: async () => (await import('./commands/setup.ts')).setup,
  init: async () => (await import('./commands/init.ts')).init,
  validate: async () => (await import('./commands/validate.ts')).validate,
  run: async () => (await import('./commands/run.ts')).run,
  apply: async () => (await import('./commands/apply.ts')).apply,
  promote: async () => (await import('./commands/promote.ts')).promote,
  rollback: async () => (await import('./commands/rollback.ts')).rollback,
  status: async () => (await import('./commands/status.ts')).status,
  evidence,
  audit: async () => (await import('./commands/audit.ts')).audit,
  agents: async () => (await import('./commands/agents.ts')).agents,
  gates: async () => (await import('./commands/gates.ts')).gates,
  config: async () => (await import('./commands/config.ts')).config,
  judge: async () => (await import('./commands/judge.ts')).judge,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  serve: async () => (await import('./commands/serve.ts')).serve,
  router: async () => (await import('./commands/router.ts')).router,
  keys: async () => (await import('./commands/keys.ts')).keys,
}

/** Verbs of the specification whose part does not exist yet. */
export const ABSENT: Readonly<Record<string, string>> = {}

async function evidence([word = '', ...rest]: readonly string[]): Promise<Verb> {
  const { ACTIONS } = await import('./evidence/index.ts')
  const load = Object.hasOwn(ACTIONS, word) && !rest.some((each) => each === '--help' || each === '-h') ? ACTIONS[word] : undefined
  if (load === undefined) return (await import('./commands/evidence.ts')).evidence
  const { evidenceOf } = await import('./evidence/verb.ts')
  return evidenceOf([await load()])
}
