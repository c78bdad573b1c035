/** Everything the App is installed on, asked from GitHub: what a lost `installation` or `opened` delivery would have told. Every list is read to its end. */
import { z } from 'zod'
import type { Repository } from '../release/ports.ts'
import type { Client } from './octokit.ts'
import { listAll } from './paginate.ts'

const Installation = z.object({ id: z.number().int().positive(), suspended_at: z.string().max(100).nullable().optional() })
const Listed = z.object({
  id: z.number().int().positive(),
  name: z.string().min(1).max(100),
  owner: z.object({ login: z.string().min(1).max(100) }),
  archived: z.boolean().optional(),
  disabled: z.boolean().optional(),
})

export interface Installed {
  /** Those that can change: neither archived nor disabled, of installations that are not suspended. */
  readonly repositories: readonly Repository[]
  /** Installations that did not answer; the rest is whole. */
  readonly failed: readonly { readonly installationId: number; readonly error: string }[]
}

/** @throws GitHubError when the installations themselves cannot be listed */
export async function installed(client: Pick<Client, 'asApp' | 'baseUrl' | 'call'>): Promise<Installed> {
  const asApp = {
    baseUrl: client.baseUrl,
    call: (_scope: unknown, call: { path: string; query?: Readonly<Record<string, string | number>> }) => client.asApp(call),
  }
  const installations = await listAll(asApp, { installationId: 0, id: null }, { path: '/app/installations', permissions: {}, item: Installation })
  const repositories: Repository[] = []
  const failed: { installationId: number; error: string }[] = []
  for (const { id: installationId, suspended_at: suspended } of installations) {
    if (suspended != null) continue
    try {
      const listed = await listAll(
        client,
        { installationId, id: null },
        { path: '/installation/repositories', permissions: { metadata: 'read' }, item: Listed, inside: 'repositories' },
      )
      for (const { id, name, owner, archived, disabled } of listed)
        if (archived !== true && disabled !== true) repositories.push({ id, owner: owner.login, name, installationId })
    } catch (error) {
      failed.push({ installationId, error: String(error) })
    }
  }
  return { repositories, failed }
}
