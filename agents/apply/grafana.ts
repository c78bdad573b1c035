/** One Grafana, spoken to with a token that somebody gave for it. Given at the edge: a plan says where an annotation belongs, and never where a token goes. */
import type { z } from 'zod'

export interface Grafana {
  /** Address that the token is for, without a slash at the end. */
  readonly url: string
  /** @param path such as `/api/annotations?tags=a`. @returns null when there is no such thing. @throws ApplyError */
  read<Schema extends z.ZodType>(path: string, permission: string, schema: Schema): Promise<z.infer<Schema> | null>
  /** @param permission of Grafana that this takes. @returns null when there is no such thing. @throws ApplyError */
  write<Schema extends z.ZodType>(
    method: 'POST' | 'DELETE',
    path: string,
    permission: string,
    schema: Schema,
    body?: unknown,
  ): Promise<z.infer<Schema> | null>
}
