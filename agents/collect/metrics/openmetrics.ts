/**
 * Text of a metrics endpoint -> its series, with their exemplars. Reads OpenMetrics 1.0 and the Prometheus text format 0.0.4 alike; comments and timestamps
 * are passed over. Strict: one malformed line makes the whole text unreadable, for half a page may hold half the errors. Pure.
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
import { MOST_EXEMPLAR, type Exemplar } from './exemplars.ts'
import { MetricsError } from './metrics-error.ts'

export interface Series {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** As written: may be NaN or infinite. */
  readonly value: number
  readonly exemplar?: Exemplar
}

export interface Exposition {
  readonly series: readonly Series[]
  /** Whether `# EOF` ended the text; the Prometheus format has none. */
  readonly ended: boolean
}

const MAX_SERIES = 50_000
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const SPECIAL = new Map([
  ['nan', Number.NaN],
  ['+nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['-infinity', -Infinity],
])

function number(text: string): number | null {
  if (NUMBER.test(text)) return Number(text)
  return SPECIAL.get(text.toLowerCase()) ?? null
}

class Line {
  readonly text: string
  readonly number: number
  at = 0
  constructor(text: string, number: number) {
    this.text = text
    this.number = number
  }

  fail(what: string): MetricsError {
    return new MetricsError('malformed', `Line ${this.number}: ${what}.`)
  }

  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? null
    if (found !== null) this.at += found.length
    return found
  }

  is(character: string): boolean {
    if (this.text[this.at] !== character) return false
    this.at += 1
    return true
  }

  blanks(): boolean {
    const from = this.at
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at += 1
    return this.at > from
  }
}

function quoted(line: Line): string {
  if (!line.is('"')) throw line.fail('a label value must be in double quotes')
  let value = ''
  for (;;) {
    const character = line.text[line.at]
    line.at += 1
    if (character === undefined) throw line.fail('a label value does not end')
    if (character === '"') return value
    if (character !== '\\') {
      value += character
      continue
    }
    const escaped = line.text[line.at]
    line.at += 1
    if (escaped === 'n') value += '\n'
    else if (escaped === '"' || escaped === '\\') value += escaped
    else throw line.fail('a label value may escape only \\\\, \\" and \\n')
  }
}

function labels(line: Line): Map<string, string> {
  const found = new Map<string, string>()
  if (!line.is('{')) return found
  line.blanks()
  while (!line.is('}')) {
    const name = line.take(LABEL)
    if (name === null) throw line.fail('expected a label name')
    line.blanks()
    if (!line.is('=')) throw line.fail('expected = after a label name')
    line.blanks()
    if (found.has(name)) throw line.fail('the same label twice')
    found.set(name, quoted(line))
    line.blanks()
    if (line.is(',')) line.blanks()
    else if (line.text[line.at] !== '}') throw line.fail('expected , or } after a label')
  }
  return found
}

function series(line: Line): Series {
  const name = line.take(NAME)
  if (name === null) throw line.fail('expected a metric name')
  line.blanks()
  const found = labels(line)
  line.blanks()
  // Value, maybe a timestamp; an exemplar may follow after " # ".
  const rest = line.text.slice(line.at)
  const exemplar = rest.indexOf(' # ')
  const [value, time, ...more] = (exemplar < 0 ? rest : rest.slice(0, exemplar)).trim().split(/[ \t]+/)
  const parsed = number(value ?? '')
  if (parsed === null) throw line.fail('expected a number')
  if (more.length > 0 || (time !== undefined && number(time) === null)) throw line.fail('expected nothing but a time after the value')
  const told = exemplar < 0 ? null : exemplarOf(rest.slice(exemplar + ' # '.length))
  return told === null ? { name, labels: found, value: parsed } : { name, labels: found, value: parsed, exemplar: told }
}

/** `{trace_id="4bf9"} 0.67 1520879607.789`; null for what is none, since totals do not depend on it. */
function exemplarOf(text: string): Exemplar | null {
  try {
    const line = new Line(text, 0)
    const found = labels(line)
    const [value, time, ...more] = line.text
      .slice(line.at)
      .trim()
      .split(/[ \t]+/)
    const [parsed, at] = [number(value ?? ''), time === undefined ? null : number(time)]
    const size = [...found].reduce((sum, [name, label]) => sum + name.length + label.length, 0)
    return parsed === null || more.length > 0 || (time !== undefined && at === null) || size > MOST_EXEMPLAR
      ? null
      : { labels: found, value: parsed, at }
  } catch {
    return null
  }
}

/** @throws MetricsError `malformed` with the line, `too-large` past 50,000 series */
export function parseOpenMetrics(text: string): Exposition {
  const found: Series[] = []
  let ended = false
  let at = 0
  for (const raw of text.split('\n')) {
    at += 1
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.trim() === '') continue
    if (ended) throw new MetricsError('malformed', `Line ${at}: there is text after # EOF.`)
    if (line.startsWith('#')) {
      ended = line === '# EOF'
      continue
    }
    if (found.length >= MAX_SERIES) throw new MetricsError('too-large', `The page holds more than ${MAX_SERIES} series.`)
    found.push(series(new Line(line, at)))
  }
  return { series: found, ended }
}
