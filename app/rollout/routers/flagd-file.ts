/**
 * The one flag definition of flagd that is ours: a flag whose variants are the two versions, and beside it a flag that says which file is served. Pure.
 *
 * The canary stands first among the fractions, so a key whose hash falls below its share stays there when the share grows: a larger one only adds keys.
 */
import { z } from 'zod'
import { RouterError } from './router.ts'

const MAX_TEXT = 16_384

export const FlagKey = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,100}$/, 'a name of a flag, such as shop-release')
/** Attribute of the evaluation context. */
export const BucketKey = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,100}$/, 'an attribute of the evaluation context, such as targetingKey')
const Value = z.union([z.boolean(), z.string().max(200), z.number()])
export const Values = z
  .strictObject({ canary: Value, stable: Value })
  .refine(({ canary, stable }) => canary !== stable && typeof canary === typeof stable, 'two values of one type')

export interface Flag {
  readonly flag: string
  readonly key: string
  readonly values: z.infer<typeof Values>
}

/** Which file flagd serves. */
export interface Serving {
  /** 0 to 100. */
  readonly percent: number
  /** Another one for each file that was written. */
  readonly mark: string
}

const Serving = z.strictObject({ percent: z.number().int().min(0).max(100), mark: z.string().regex(/^[a-z0-9]{1,32}$/) })

export function servingFlag(flag: string): string {
  return `${flag}-serving`
}

/** At 0 % and 100 % nothing is drawn: everybody gets the default, whatever their context lacks. */
export function definitionOf({ flag, key, values }: Flag, { percent, mark }: Serving): string {
  const by = key === 'targetingKey' ? [] : [{ cat: [{ var: '$flagd.flagKey' }, { var: key }] }]
  const targeting = { fractional: [...by, ['canary', percent], ['stable', 100 - percent]] }
  const definition = {
    $schema: 'https://flagd.dev/schema/v0/flags.json',
    flags: {
      [flag]: {
        state: 'ENABLED',
        variants: { canary: values.canary, stable: values.stable },
        defaultVariant: percent === 100 ? 'canary' : 'stable',
        ...(percent > 0 && percent < 100 && { targeting }),
      },
      [servingFlag(flag)]: { state: 'ENABLED', variants: { now: { percent, mark } }, defaultVariant: 'now' },
    },
  }
  return `${JSON.stringify(definition, null, 2)}\n`
}

/** What the text says of itself, when it is a file of ours to the last byte; else null. */
export function servingIn(text: string, flag: Flag): Serving | null {
  if (text.length > MAX_TEXT) return null
  const said = /"now": (\{[^{}]{1,200}\})/.exec(text)?.[1]
  if (said === undefined) return null
  try {
    const serving = Serving.parse(JSON.parse(said))
    return definitionOf(flag, serving) === text ? serving : null
  } catch {
    return null
  }
}

/** The value of the serving flag. @throws RouterError `malformed` */
export function servingOf(value: unknown): Serving {
  const serving = Serving.safeParse(value)
  if (serving.success) return serving.data
  throw new RouterError('malformed', 'flagd does not say which file it serves. Is the file among its sources, and is no other flag of that name?')
}
