/** The repository as what carries out plans sees it, with the token of a job. */
import { z } from 'zod'
import { ApplyError } from '../../agents/apply/error.ts'
import type { Hub } from '../../agents/apply/hub.ts'
import { ActionError } from './error.ts'
import { asked, clientOf } from './github.ts'
import type { RunFacts } from './run-facts.ts'

function known<Schema extends z.ZodType>(schema: Schema, answer: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new ApplyError(
    'unavailable',
    `GitHub answered ${what} with something unknown: ${z.prettifyError(parsed.error)}`.slice(0, 500),
    'Run the job again.',
  )
}

/** @param login whose token it is: comments of that login are ours */
export function hubOf(token: string, login: string, facts: Pick<RunFacts, 'apiUrl' | 'repository'>): Hub {
  const github = clientOf(token, facts)
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    try {
      const { data } = await asked(`${method} ${path}`, github.request(`${method} /repos/${facts.repository}${path}`, { ...body }))
      return data
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      const code = error.code === 'github-refused' ? 'refused' : 'unavailable'
      throw new ApplyError(code, error.message, 'Run the job again once it may.', { cause: error })
    }
  }
  return {
    repository: facts.repository,
    login,
    async read(path, schema) {
      try {
        return known(schema, await call('GET', path), `GET ${path}`)
      } catch (error) {
        if (error instanceof ApplyError && error.code === 'refused' && error.message.includes('(404)')) return null
        throw error
      }
    },
    write: async (method, path, schema, body) => known(schema, await call(method, path, Object(body) as object), `${method} ${path}`),
  }
}
