/** GitHub lists the pull requests of a commit in some payloads. One is a hint; none or several means: look at every open release. */
export function onlyPull(pulls: readonly { readonly number: number }[]): number | null {
  return pulls.length === 1 ? (pulls[0]?.number ?? null) : null
}
