/** Branch pattern with `*` for anything but a slash. */
export function matches(pattern: string, branch: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^/]*')
  return new RegExp(`^${source}$`).test(branch)
}
