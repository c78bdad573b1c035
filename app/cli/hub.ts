/** The repository as what carries out plans sees it: the user's own API, whose refusals concern one change and not the rest. */
import { ApplyError, type ApplyErrorCode } from '../../agents/apply/error.ts'
import type { Hub } from '../../agents/apply/hub.ts'
import { CliError, type CliErrorCode } from './error.ts'
import type { UserApi } from './github.ts'

const CODES: Readonly<Partial<Record<CliErrorCode, ApplyErrorCode>>> = { 'not-authorised': 'refused', 'not-found': 'refused', usage: 'refused' }

async function told<Answer>(asking: Promise<Answer>): Promise<Answer> {
  try {
    return await asking
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new ApplyError(CODES[error.code] ?? 'unavailable', error.message, error.next, { cause: error })
  }
}

/** @throws CliError when GitHub does not say whose token it is */
export async function hubOf(api: UserApi): Promise<Hub> {
  return {
    repository: `${api.owner}/${api.name}`,
    login: await api.login(),
    async read(path, schema) {
      try {
        return await api.ask('GET', path, schema)
      } catch (error) {
        if (error instanceof CliError && error.code === 'not-found') return null
        return told(Promise.reject(error))
      }
    },
    write: (method, path, schema, body) => told(api.ask(method, path, schema, body)),
  }
}
