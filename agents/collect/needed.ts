/** What GitHub's refusal says the token lacks, as the lines of a workflow that would grant it. */

/**
 * @param header `x-accepted-github-permissions`, such as `issues=write; pull_requests=write`: any one of them is enough
 * @returns null when it names nothing. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export function needed(header: string | number | null | undefined): string | null {
  const [first = ''] = String(header ?? '').split(';')
  const lines = first.split(',').flatMap((each) => {
    const match = /^\s*([a-z_]+)=(read|write|admin)\s*$/.exec(each)
    return match === null ? [] : [`${(match[1] ?? '').replaceAll('_', '-')}: ${match[2]}`]
  })
  return lines.length === 0 ? null : `Add to the permissions of the job, or of the token: ${lines.join(', ')}.`
}
