/** SPDX licence expressions. https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/ */
import parse from 'spdx-expression-parse'

const MAX_LENGTH = 1000
/** SPDX 2.3 takes AND, OR and WITH in capitals only; the parser is milder. */
const SMALL_OPERATOR = /(?:^|[\s()])(?:and|And|or|Or|with|With)(?:$|[\s()])/

/** A project of a thousand packages has ten licences. Bounded: a hostile one may have a thousand. */
const known = new Map<string, boolean>()
const MOST_KNOWN = 200

/** Does every word of the expression stand in SPDX's lists, and is it built right? `LicenseRef-` names count as words. */
export function isLicenceExpression(text: string): boolean {
  if (text.length > MAX_LENGTH || text.trim() !== text || SMALL_OPERATOR.test(text)) return false
  const before = known.get(text)
  if (before !== undefined) return before
  const isOne = isParsed(text)
  if (known.size < MOST_KNOWN) known.set(text, isOne)
  return isOne
}

function isParsed(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}

/** `LicenseRef-` names of an expression that stand for a text in the same document. */
export function licenceRefs(text: string): readonly string[] {
  return (text.match(/[\w.:-]*LicenseRef-[A-Za-z0-9.-]+/g) ?? []).filter((name) => !name.startsWith('DocumentRef-'))
}
