/** Whose are the names of the operator's file? A name without `repositories` is everybody's, which is right while there is one repository. */
import type { Finding } from './finding.ts'

const WHAT = 'who may use what'

/** @param names without `repositories`, such as `routers.prod-proxy` @param repositories how many the App is installed on; null: not asked */
export function namesFinding(names: readonly string[], repositories: number | null): Finding {
  if (names.length === 0) return { what: WHAT, state: 'ok', says: 'every name of the operator file says whose it is' }
  const open = `${names.join(', ')}: any repository that the App is installed on may use ${names.length === 1 ? 'it' : 'them'}`
  if (repositories === null) return { what: WHAT, state: 'not looked at', says: `${open}; with --github it is looked at how many there are` }
  if (repositories <= 1) return { what: WHAT, state: 'ok', says: `${open}, and there is ${repositories === 1 ? 'one' : 'none'}` }
  return { what: WHAT, state: 'warning', says: `${open}, and there are ${repositories}; name those that may under \`repositories\`` }
}
