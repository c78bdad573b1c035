/**
 * Where GitHub's published descriptions are behind GitHub itself. Each correction is narrow and has its reason; nothing else is loosened.
 */
import type { Schema } from './document.ts'

const properties = (node: Schema): Record<string, Schema> | null =>
  typeof node['properties'] === 'object' && node['properties'] !== null ? (node['properties'] as Record<string, Schema>) : null

/** An App inside a webhook: its lists of events and permissions are old; `deployment_protection_rule` and `merge_queues` are missing. */
const correctApp = (node: Schema): void => {
  const known = properties(node)
  const events = known?.['events']
  const permissions = known?.['permissions']
  if (!events || !permissions || !known['slug'] || !known['external_url']) return
  const items = events['items'] as Schema | undefined
  if (items) delete items['enum']
  if (properties(permissions)) permissions['additionalProperties'] = true
}

/** `format: uri` beside `default: ""`: the default is what GitHub sends when nothing was given. */
const correctEmptyUri = (node: Schema): void => {
  if (node['default'] === '' && node['format'] === 'uri') delete node['format']
}

/** `workflow_run` in progress has the same run as requested and completed, and they name `display_title`. */
const correctTitle = (node: Schema): void => {
  const known = properties(node)
  if (known?.['run_attempt'] && known['workflow_id'] && known['jobs_url']) known['display_title'] ??= { type: 'string' }
}

export const correct = (node: unknown): void => {
  if (Array.isArray(node)) {
    for (const item of node) correct(item)
    return
  }
  if (typeof node !== 'object' || node === null) return
  correctApp(node as Schema)
  correctEmptyUri(node as Schema)
  correctTitle(node as Schema)
  for (const value of Object.values(node)) correct(value)
}

/** `GET /app/installations`: the inline copy of an installation is old, and writes its account as a person and an enterprise at once. */
export const correctInstallations = (entries: Record<string, Schema>): void => {
  const responses = entries['get /app/installations']?.['responses'] as Record<string, { content: Record<string, { schema: Schema }> }> | undefined
  const list = responses?.['200']?.content['application/json']?.schema
  if (list) list['items'] = { $ref: '#/components/schemas/installation' }
}

/** Addresses of bots have brackets, which the common pattern refuses. */
export const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/
