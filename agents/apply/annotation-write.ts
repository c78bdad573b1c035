/**
 * An annotation of a Grafana that says which release came, at the moment it is carried out. It is found again by its tags, one of which is the digest of what
 * was planned, so twice is once, and only our own is taken back. https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
 */
import { z } from 'zod'
import { Address } from '../../evidence/model/config/address.ts'
import { saidBy, type Change, type Context, type Handler } from './change.ts'
import { ApplyError } from './error.ts'
import type { Grafana } from './grafana.ts'
import { Anything } from './hub.ts'

/** Grafana splits a tag at its first colon and drops what follows a second one, and keeps 100 characters of each side. */
const Tag = z.string().regex(/^[^:,\s]{1,100}(?::[^:,\s]{1,100})?$/, 'a tag such as release:v2.0.0, with at most one colon')

/** What the plan says of it. */
export const AnnotationWrite = z.strictObject({
  grafana: Address,
  tags: z.array(Tag).min(1).max(5),
  text: z.string().min(1).max(2000),
})
export type AnnotationWrite = z.infer<typeof AnnotationWrite>

const Found = z.array(z.looseObject({ id: z.number().int().positive(), tags: z.array(z.string()).nullish() })).max(100)
const Made = z.looseObject({ id: z.number().int().positive() })

interface Wanted extends Pick<AnnotationWrite, 'tags' | 'text'> {
  readonly grafana: Grafana
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

/** @throws ApplyError `unreadable` | `refused` */
function wanted({ grafana }: Context, change: Change): Wanted {
  const parsed = AnnotationWrite.safeParse(saidBy(change))
  if (!parsed.success) throw new ApplyError('unreadable', `The plan for ${change.key} says nothing that is known`, 'Plan again.')
  const { grafana: url, tags, text } = parsed.data
  if (grafana === null)
    throw new ApplyError(
      'refused',
      `Nobody gave leave to write to ${url}`,
      'Set GRAFANA_URL to that address and GRAFANA_TOKEN to a service account token of it with annotations:read, annotations:create and annotations:delete.',
    )
  if (grafana.url !== withoutSlash(url))
    throw new ApplyError(
      'refused',
      `The plan is about ${url}, and the token was given for ${grafana.url}`,
      'Set GRAFANA_URL and GRAFANA_TOKEN to those of that Grafana, if it is yours.',
    )
  return { grafana, text, tags: [...tags, `change:${(change.actions[0]?.sha256 ?? '').slice(0, 32)}`] }
}

/** Ids, oldest first. */
async function ours({ grafana, tags }: Wanted): Promise<number[]> {
  const asked = new URLSearchParams([['type', 'annotation'], ['limit', '100'], ...tags.map((tag): [string, string] => ['tags', tag])])
  const found = (await grafana.read(`/api/annotations?${asked.toString()}`, 'annotations:read', Found)) ?? []
  return found
    .filter(({ tags: has }) => tags.every((tag) => has?.includes(tag) === true))
    .map(({ id }) => id)
    .toSorted((a, b) => a - b)
}

export const annotationWrite: Handler = {
  async look(context, change) {
    const standing = await ours(wanted(context, change))
    return { same: standing.length > 0, before: {} }
  },
  async perform(context, change) {
    const of = wanted(context, change)
    const [standing] = await ours(of)
    if (standing !== undefined) return `Annotation ${standing} of ${of.grafana.url} says it.`
    const made = await of.grafana.write('POST', '/api/annotations', 'annotations:create', Made, { time: context.now(), tags: of.tags, text: of.text })
    if (made === null) throw new ApplyError('refused', `${of.grafana.url} has no annotations`, 'Check GRAFANA_URL.')
    return `Annotation ${made.id} of ${of.grafana.url} says it.`
  },
  async undo(context, change) {
    const of = wanted(context, change)
    for (const id of await ours(of)) await of.grafana.write('DELETE', `/api/annotations/${id}`, 'annotations:delete', Anything)
    return 'The annotation is gone again.'
  },
}
