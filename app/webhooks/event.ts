/**
 * One file per GitHub event, named after it: payload -> what to look at again, nothing else. The event's name is a header and not signed, so each file
 * checks that the body really is that event: a body under a wrong name gives null. No state is taken from a payload; reconcile reads it from the API.
 *
 * Schemas are loose, since GitHub adds keys, and name only what is read here plus what tells the event from its neighbours.
 * Source: GitHub docs, "Webhook events and payloads"; @octokit/openapi-webhooks.
 */
import { z } from 'zod'
import type { Repository, Trigger } from '../release/ports.ts'

export interface EventContext {
  /** Our own App: its own check runs, comments and statuses are not news. */
  readonly appId: number
}

export interface WebhookEvent {
  readonly event: string
  /** null: the body is not this event. Empty: it is, and there is nothing to look at. */
  triggers(payload: unknown, context: EventContext): readonly Trigger[] | null
}

export const Id = z.number().int().positive()
/** A key this event never has, and a neighbour does. */
export const Absent = z.never().optional()

const Login = z.string().regex(/^[A-Za-z0-9-]{1,100}(\[bot\])?$/)
const Name = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/)

/** Where an event comes from. Without an installation there is no way to read or write, so there is nothing to do. */
export const Source = {
  installation: z.looseObject({ id: Id }),
  repository: z.looseObject({ id: Id, name: Name, owner: z.looseObject({ login: Login }) }),
}

export const ViaApp = z.looseObject({ id: Id }).nullish()

export const Branch = z.string().min(1).max(1000)

interface Sourced {
  readonly installation: { readonly id: number }
  readonly repository: { readonly id: number; readonly name: string; readonly owner: { readonly login: string } }
}

export function repositoryOf({ installation, repository }: Sourced): Repository {
  return { id: repository.id, owner: repository.owner.login, name: repository.name, installationId: installation.id }
}

export function isReleaseBranch(ref: string): boolean {
  return ref.startsWith('release/v')
}

/** A reader from a schema and what a fitting body means. */
export function webhookEvent<Payload>(
  event: string,
  schema: z.ZodType<Payload>,
  toTriggers: (payload: Payload, context: EventContext) => readonly Trigger[],
): WebhookEvent {
  return {
    event,
    triggers(payload, context) {
      const parsed = schema.safeParse(payload)
      return parsed.success ? toTriggers(parsed.data, context) : null
    },
  }
}
