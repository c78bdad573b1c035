/**
 * The Universal Scalability Law (Gunther 1993) over steps of load: `X(N) = λN / (1 + α(N - 1) + βN(N - 1))`, where α is what users wait for each other and β what they
 * tell each other. Linear in `1/λ`, `α/λ` and `β/λ` for `N/X`, so it is fitted by weighted least squares, relative errors counting alike. How sure it is comes
 * from leaving out one span of every step after the other (jackknife), which takes no chance. Pure.
 */
export interface Point {
  readonly users: number
  /** Answers a second. */
  readonly throughput: number
}

export interface Law {
  readonly lambda: number
  readonly alpha: number
  readonly beta: number
}

export function at({ lambda, alpha, beta }: Law, users: number): number {
  return (lambda * users) / (1 + alpha * (users - 1) + beta * users * (users - 1))
}

/** Users at which the most gets done; Infinity when more always do more. */
export function knee({ alpha, beta }: Law): number {
  if (alpha >= 1) return 1
  return beta === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.sqrt((1 - alpha) / beta))
}

/** The most within the users that were measured: nothing is promised beyond. */
export function capacityOf(law: Law, most: number): { readonly users: number; readonly throughput: number } {
  const users = Math.min(knee(law), most)
  return { users, throughput: at(law, users) }
}

/** Neither α nor β is below 0: of what is allowed, the nearest. Null when nothing can be fitted. @param points with a throughput above 0 */
export function fit(points: readonly Point[]): Law | null {
  const candidates = [[0, 1, 2], [0, 1], [0, 2], [0]].flatMap((terms) => fitted(points, terms) ?? [])
  const [best] = candidates.toSorted((a, b) => a.residual - b.residual)
  return best?.law ?? null
}

const TERMS = [() => 1, (n: number) => n - 1, (n: number) => n * (n - 1)]

function fitted(points: readonly Point[], terms: readonly number[]): { readonly law: Law; readonly residual: number } | null {
  const rows = points.map(({ users, throughput }) => {
    const weight = throughput / users
    return { terms: terms.map((term) => (TERMS[term]?.(users) ?? 0) * weight), value: 1 }
  })
  const matrix = terms.map((_, i) => [
    ...terms.map((__, j) => sum(rows.map((row) => (row.terms[i] ?? 0) * (row.terms[j] ?? 0)))),
    sum(rows.map((row) => (row.terms[i] ?? 0) * row.value)),
  ])
  const solved = solve(matrix)
  if (solved === null) return null
  const of = (term: number) => solved[terms.indexOf(term)] ?? 0
  const [one, two, three] = [of(0), of(1), of(2)]
  if (!(one > 0) || two < 0 || three < 0) return null
  const residual = sum(rows.map((row) => (row.value - sum(row.terms.map((term, index) => term * (solved[index] ?? 0)))) ** 2))
  return { law: { lambda: 1 / one, alpha: two / one, beta: three / one }, residual }
}

/** Gauss, with the largest pivot. */
function solve(matrix: number[][]): number[] | null {
  const n = matrix.length
  for (let column = 0; column < n; column++) {
    const pivot = matrix
      .slice(column)
      .reduce((best, row, index) => (Math.abs(row[column] ?? 0) > Math.abs(matrix[best]?.[column] ?? 0) ? column + index : best), column)
    const [one, other] = [matrix[column] ?? [], matrix[pivot] ?? []]
    ;[matrix[column], matrix[pivot]] = [other, one]
    const top = matrix[column] ?? []
    const head = top[column] ?? 0
    if (Math.abs(head) < 1e-12) return null
    for (const [index, row] of matrix.entries()) {
      if (index === column) continue
      const factor = (row[column] ?? 0) / head
      for (let at = column; at <= n; at++) row[at] = (row[at] ?? 0) - factor * (top[at] ?? 0)
    }
  }
  return matrix.map((row, index) => (row[n] ?? 0) / (row[index] ?? 1))
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}

export interface Band {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Student, 95 % on one side, by degrees of freedom from 1. */
const STUDENT = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812]

function student(freedom: number): number {
  return STUDENT[Math.max(1, freedom) - 1] ?? 1.697
}

/** @param whole of all that was measured @param without of the same with one part left out, once for each part */
export function jackknife(whole: number, without: readonly number[]): Band {
  const n = without.length
  if (n < 2) return { value: whole, low: 0, high: whole }
  const mean = sum(without) / n
  const half = student(n - 1) * Math.sqrt(((n - 1) / n) * sum(without.map((one) => (one - mean) ** 2)))
  return { value: whole, low: Math.max(0, whole - half), high: whole + half }
}

/** Mean and interval of values that were measured one after the other. */
export function meanOf(values: readonly number[]): Band {
  const n = values.length
  const mean = n === 0 ? 0 : sum(values) / n
  if (n < 2) return { value: mean, low: 0, high: mean }
  const half = student(n - 1) * Math.sqrt(sum(values.map((one) => (one - mean) ** 2)) / (n - 1) / n)
  return { value: mean, low: Math.max(0, mean - half), high: mean + half }
}
