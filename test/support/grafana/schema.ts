/** What Grafana's HTTP API takes and says, of the operations that are used: written from its documentation (README.md says why). Strict: what is not listed is a violation. */
import { z } from 'zod'

const Milliseconds = z.number().int().nonnegative()
/** `annotations` of the configuration, `tags_length`: 500 characters for all tags of one. */
const Tags = z.array(z.string()).refine((tags) => JSON.stringify(tags).length <= 500, 'tags of at most 500 characters together')

export const PostAnnotation = z.strictObject({
  dashboardUID: z.string().optional(),
  panelId: z.number().int().optional(),
  time: Milliseconds.optional(),
  timeEnd: Milliseconds.optional(),
  tags: Tags.optional(),
  text: z.string().min(1),
})
export type PostAnnotation = z.infer<typeof PostAnnotation>

export const Annotation = z.strictObject({
  id: z.number().int().positive(),
  alertId: z.number().int(),
  dashboardId: z.number().int(),
  dashboardUID: z.string().nullable(),
  panelId: z.number().int(),
  userId: z.number().int(),
  newState: z.string(),
  prevState: z.string(),
  time: Milliseconds,
  timeEnd: Milliseconds,
  text: z.string(),
  tags: z.array(z.string()),
  data: z.strictObject({}),
})
export type Annotation = z.infer<typeof Annotation>

const Said = z.strictObject({ message: z.string() })

export interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  /** Of access control; null: whoever is known may ask. */
  readonly permission: string | null
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly answer: z.ZodType
}

const Nothing = z.undefined()
const NoQuery = z.strictObject({})
const one = (item: z.ZodType = z.string()) => z.tuple([item])

export const OPERATIONS = {
  /** https://grafana.com/docs/grafana/latest/developers/http_api/folder_dashboard_search/ : who may see none gets an empty list */
  search: {
    method: 'GET',
    path: /^\/api\/search$/,
    permission: null,
    query: z.strictObject({ type: one(z.enum(['dash-db', 'dash-folder'])).optional(), limit: one(z.string().regex(/^\d{1,4}$/)).optional() }),
    body: Nothing,
    answer: z.array(
      z.strictObject({ id: z.number(), uid: z.string(), title: z.string(), type: z.string(), tags: z.array(z.string()), isStarred: z.boolean() }),
    ),
  },
  /** https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#get-dashboard-by-uid */
  dashboard: {
    method: 'GET',
    path: /^\/api\/dashboards\/uid\/([^/]{1,40})$/,
    permission: 'dashboards:read',
    query: NoQuery,
    body: Nothing,
    answer: z.strictObject({ meta: z.record(z.string(), z.unknown()), dashboard: z.looseObject({ title: z.string() }) }),
  },
  /** https://grafana.com/docs/grafana/latest/developers/http_api/annotations/ */
  findAnnotations: {
    method: 'GET',
    path: /^\/api\/annotations$/,
    permission: 'annotations:read',
    query: z.strictObject({
      type: one(z.enum(['alert', 'annotation'])).optional(),
      limit: one(z.string().regex(/^\d{1,4}$/)).optional(),
      tags: z.array(z.string()).optional(),
    }),
    body: Nothing,
    answer: z.array(Annotation),
  },
  createAnnotation: {
    method: 'POST',
    path: /^\/api\/annotations$/,
    permission: 'annotations:create',
    query: NoQuery,
    body: PostAnnotation,
    answer: z.strictObject({ message: z.string(), id: z.number().int().positive() }),
  },
  deleteAnnotation: {
    method: 'DELETE',
    path: /^\/api\/annotations\/(\d{1,18})$/,
    permission: 'annotations:delete',
    query: NoQuery,
    body: Nothing,
    answer: Said,
  },
} satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS
