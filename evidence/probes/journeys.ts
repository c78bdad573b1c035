/** The catalogue of golden paths: journeys that must always work, each a list of HTTP steps. YAML text -> journeys, or what is wrong with it. Pure. */
import { z } from 'zod'
import { readDocument } from '../config/document.ts'
import { RequestPath } from '../model/config/address.ts'
import { Duration } from '../model/primitives.ts'

const Name = z
  .string()
  .max(60)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'a name such as buy-a-product')

const Step = z
  .strictObject({
    name: z.string().min(1).max(120).optional(),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    path: RequestPath,
    /** Sent as JSON. */
    body: z.record(z.string().max(100), z.json()).optional(),
    /** It must answer with. */
    status: z.number().int().min(100).max(599).default(200),
    /** Each must stand in the body. */
    contains: z.array(z.string().min(1).max(500)).max(20).default([]),
    within: Duration.default('2s'),
  })
  .refine(({ method, body }) => body === undefined || (method !== 'GET' && method !== 'HEAD'), { path: ['body'], error: 'no body for GET or HEAD' })

const Journey = z.strictObject({
  name: Name,
  /** All of its steps together. */
  within: Duration.default('10s'),
  steps: z.array(Step).min(1).max(50),
})
export type Journey = z.infer<typeof Journey>
export type JourneyStep = Journey['steps'][number]

const Catalogue = z.strictObject({
  version: z.literal(1),
  journeys: z
    .array(Journey)
    .min(1)
    .max(100)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'journeys with different names'),
})

export type Journeys = { readonly journeys: readonly Journey[] } | { readonly problem: { readonly line: number; readonly message: string } }

export function readJourneys(text: string): Journeys {
  const document = readDocument(text)
  if (!document.ok) {
    const [first] = document.problems
    return {
      problem: { line: first?.line ?? 1, message: first === undefined ? 'it cannot be read' : `${first.message}; expected ${first.expected}` },
    }
  }
  const parsed = Catalogue.safeParse(document.value)
  if (parsed.success) return { journeys: parsed.data.journeys }
  const [issue] = parsed.error.issues
  return {
    problem: {
      line: document.places.value(issue?.path ?? []).line,
      message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it has another form'}`.slice(0, 500),
    },
  }
}
