/** What a router said, for a message. Pure. */

/** The first words of what a router said, fit for a message. */
export function words(answer: string): string {
  return answer
    .trim()
    .split('\n', 1)
    .join('')
    .replace(/[^ -~]/g, '?')
    .slice(0, 200)
}
