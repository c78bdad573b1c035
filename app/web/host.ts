/** Where people see what the API at this address serves: github.com, a host with data residency, or a GitHub Enterprise Server. */
export function hostOfPeople(apiUrl: string): string {
  const { protocol, host, origin } = new URL(apiUrl)
  return host.startsWith('api.') ? `${protocol}//${host.slice('api.'.length)}` : origin
}
