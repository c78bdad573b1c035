/** Installation events name a repository by id and full name only. */
import { z } from 'zod'
import { RepositoryName } from '../../evidence/model/primitives.ts'
import type { Repository } from '../release/ports.ts'
import { Id } from './event.ts'

export const NamedRepository = z.looseObject({ id: Id, full_name: RepositoryName })
type NamedRepository = z.infer<typeof NamedRepository>

export function repositoryNamed({ id, full_name: fullName }: NamedRepository, installationId: number): Repository {
  const slash = fullName.indexOf('/')
  return { id, owner: fullName.slice(0, slash), name: fullName.slice(slash + 1), installationId }
}
