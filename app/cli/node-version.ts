/** Which Node this needs. Nothing here may need it: this file is read before the version is known. */

const LEAST = [24, 15] as const

/** @param version such as `24.15.0` @returns what is wrong with it, null when it will do */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const enough = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
  return enough ? null : `this is Node ${version}; release-conductor needs ${LEAST.join('.')} or newer`
}
