/** One repository of GitHub, spoken to as the person or job that carries out a plan. Given at the edge, so that everything here is the same in a job and on a desk. */
import { z } from 'zod'

export interface Hub {
  /** `owner/name` */
  readonly repository: string
  /** Whose comments are ours. */
  readonly login: string
  /** @param path below `/repos/{owner}/{repo}`, which '' is. @returns null when there is no such thing. @throws ApplyError */
  read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | null>
  /** @throws ApplyError */
  write<Schema extends z.ZodType>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, schema: Schema, body?: unknown): Promise<z.infer<Schema>>
}

/** Nothing of the answer is needed. */
export const Anything = z.unknown()

const PAGE = 100
const MOST_PAGES = 10

/** Up to 1,000 of a list. */
export async function listed<Schema extends z.ZodType>(hub: Hub, path: string, item: Schema): Promise<z.infer<Schema>[]> {
  const found: z.infer<Schema>[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = (await hub.read(`${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE}&page=${page}`, z.array(item).max(PAGE))) ?? []
    found.push(...answer)
    if (answer.length < PAGE) break
  }
  return found
}

/** A name with slashes as a path. */
export function segments(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
