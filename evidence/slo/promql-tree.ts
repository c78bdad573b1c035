/** Walking a parsed PromQL expression: what is read of it here and by the rollout's sources. Pure. */
import { parser } from '@prometheus-io/lezer-promql'

export type Node = ReturnType<typeof parser.parse>['topNode']

/** @returns the expression, or the character from which on it cannot be read */
export function parsePromql(text: string): { readonly top: Node } | { readonly broken: number } {
  const top = parser.parse(text).topNode
  const broken = below(top).find((node) => node.type.isError)
  return broken === undefined ? { top } : { broken: broken.from }
}

export function children(node: Node): Node[] {
  const found: Node[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) if (child.name !== 'LineComment') found.push(child)
  return found
}

export function first(node: Node): Node {
  return children(node)[0] ?? node
}

export function last(node: Node): Node {
  return children(node).at(-1) ?? node
}

/** A node and everything in it. */
export function below(node: Node): Node[] {
  return [node, ...children(node).flatMap(below)]
}

export function outsideSums(node: Node): Node[] {
  return node.name === 'AggregateExpr' ? [] : [node, ...children(node).flatMap(outsideSums)]
}

/** Without the brackets around it. */
export function bare(node: Node): Node {
  return node.name === 'PromQL' || node.name === 'ParenExpr' ? bare(first(node)) : node
}

export function operatorOf(node: Node): string {
  return children(node)[1]?.name ?? ''
}

/** `… or vector(0)`, with nothing after it. */
export function endsInZero(node: Node, text: string): boolean {
  if (node.name !== 'BinaryExpr' || operatorOf(node) !== 'Or' || node.getChild('MatchingModifierClause') !== null) return false
  const right = bare(last(node))
  const [name, body] = children(right)
  if (right.name !== 'FunctionCall' || name === undefined || body === undefined || text.slice(name.from, name.to) !== 'vector') return false
  const [number, ...more] = children(body)
  return number?.name === 'NumberDurationLiteral' && more.length === 0 && /^0+(?:\.0*)?$/.test(text.slice(number.from, number.to))
}
