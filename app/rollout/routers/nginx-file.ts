/** The one file of NGINX's configuration that is ours, and what a worker that serves it says of itself. Pure. */
import { z } from 'zod'
import { RouterError } from './router.ts'

const MAX_TEXT = 4_096

/** `shop_release`: `$shop_release` is `canary` or `stable`, and `$shop_release_serving` is what a worker says. */
export const Variable = z.string().regex(/^[a-z][a-z0-9_]{0,60}$/, 'a name of a variable without $, such as shop_release')
/** What is hashed: requests with the same value go the same way. */
export const HashKey = z
  .string()
  .max(200)
  .regex(/^(?:\$[a-z][a-z0-9_]*)+$/, 'one or more variables of NGINX, such as $request_id or $cookie_cart')

export interface Split {
  readonly variable: string
  readonly key: string
}

/** Which file a worker was started with. */
export interface Serving {
  /** 0 to 100. */
  readonly percent: number
  /** Another one for each file that was written. */
  readonly mark: string
}

const Serving = z.strictObject({ percent: z.number().int().min(0).max(100), mark: z.string().regex(/^[a-z0-9]{1,32}$/) })

/** 0 % and 100 % have no part for the other version at all: NGINX knows no part of 0 %, and none may be left over. */
export function fileOf({ variable, key }: Split, { percent, mark }: Serving): string {
  const parts = percent === 0 ? ['* stable;'] : percent === 100 ? ['* canary;'] : [`${percent}% canary;`, '* stable;']
  return [
    '# Release Conductor writes this file and replaces it as a whole.',
    `split_clients "${key}" $${variable} {`,
    ...parts.map((part) => `  ${part}`),
    '}',
    `map "" $${variable}_serving {`,
    `  default '${JSON.stringify({ percent, mark })}';`,
    '}',
    '',
  ].join('\n')
}

/** What the text says of itself, when it is a file of ours to the last byte; else null. */
export function servingIn(text: string, split: Split): Serving | null {
  const said = /^ {2}default '(.{1,200})';$/m.exec(text)?.[1]
  if (said === undefined || text.length > MAX_TEXT) return null
  const serving = parsed(said)
  return serving !== null && fileOf(split, serving) === text ? serving : null
}

/** The body of the status location. @throws RouterError `malformed` */
export function servingOf(body: string): Serving {
  const serving = parsed(body)
  if (serving !== null) return serving
  throw new RouterError('malformed', "NGINX's status location does not say what is served. Let it return the variable that ends in _serving.")
}

function parsed(text: string): Serving | null {
  try {
    return Serving.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
