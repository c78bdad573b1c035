/** `sprintf` of Rego, as far as its words are certain without OPA: anything else is an error, and never other words. Pure. */

const VERB = /%(?:%|[^%A-Za-z]*[A-Za-z]?)/g

/** @throws Error when OPA might say it otherwise */
export function formatted(format: unknown, values: unknown): string {
  if (typeof format !== 'string' || !Array.isArray(values)) throw new Error('sprintf takes a text and a list')
  const left: unknown[] = [...(values as unknown[])]
  const text = format.replace(VERB, (verb) => {
    if (verb === '%%') return '%'
    if (left.length === 0) throw new Error(`sprintf has no value for ${verb}`)
    return wordOf(verb, left.shift())
  })
  if (left.length > 0) throw new Error(`sprintf has ${left.length} values too many`)
  return text
}

function wordOf(verb: string, value: unknown): string {
  const whole = typeof value === 'number' && Number.isSafeInteger(value)
  if (verb === '%d' && whole) return String(value)
  if (verb === '%v' && (whole || isText(value))) return String(value)
  if (verb === '%s' && isText(value)) return String(value)
  throw new Error(`sprintf with ${verb} of ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value} needs opa`)
}

/** OPA hands what is no number over as text. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value === null
}
