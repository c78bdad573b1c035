/** The examples of the documents are true: blocks marked `sh test` and `yaml test` are read by what would read them. */
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { VERBS } from '../../app/cli/commands/index.ts'
import { gatePolicies } from '../../gates/index.ts'
import { callOf } from '../../app/cli/main.ts'
import type { Io } from '../../app/cli/verb.ts'
import { parseOperator } from '../../app/operator.ts'
import { WEBHOOK_PATH } from '../../app/webhooks/front-door.ts'
import { idleKeys } from '../../evidence/config/built.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { languageProblems } from '../support/actions/language-service.ts'
import { filesUnder, text } from './tree.ts'

const DOCUMENTS = ['README.md', '.github/CONTRIBUTING.md', ...filesUnder('docs').filter((path) => path.endsWith('.md'))]
const SCRIPTS: Record<string, string> = JSON.parse(text('package.json')).scripts
const OTHERS = new Set(['gh', 'curl', 'openssl', 'export'])
const OUTSIDE: Io = { out: () => {}, err: () => {}, env: {}, cwd: '/', now: () => 0, async *input() {}, ended: new Promise(() => {}) }

function blocks(kind: string): readonly (readonly [place: string, content: string])[] {
  return DOCUMENTS.flatMap((path) =>
    [...text(path).matchAll(new RegExp(`^\`\`\`${kind} test\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
      (match) => [`${path}:${text(path).slice(0, match.index).split('\n').length}`, match[1] ?? ''] as const,
    ),
  )
}

const COMMANDS = [
  ...blocks('sh').flatMap(([place, content]) =>
    content
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [place, line] as const),
  ),
  ...VERBS.flatMap((verb) => verb.examples.map(([command]) => [`${verb.name} --help`, command] as const)),
]

/** What is wrong with one line of a shell, null when it would be understood. */
function problem(line: string): string | null {
  const words = line.split(/\s+/)
  while (/^[A-Z][A-Z0-9_]*=/.test(words[0] ?? '')) words.shift()
  const [program = '', ...rest] = words
  if (program === 'release-conductor') return ofOurs(rest)
  if (program === 'npx') {
    const script = rest.slice(2).find((word) => word !== 'run') ?? ''
    if (rest[1] !== 'pnpm@12.21.0' || SCRIPTS[script] === undefined) return `${line} runs no script of package.json`
    return script === 'release-conductor' ? ofOurs(rest.slice(rest.indexOf(script) + 1)) : null
  }
  return OTHERS.has(program) ? null : `${program} is not a known program`
}

function ofOurs([word, ...args]: readonly string[]): string | null {
  const verb = VERBS.find((each) => each.name === word)
  if (verb === undefined) return `there is no command ${word ?? ''}`
  try {
    if (!args.includes('--help')) callOf(verb, args, OUTSIDE)
    return null
  } catch (error) {
    return String(error)
  }
}

test('there are commands, and each is understood', () => {
  expect(COMMANDS.length).toBeGreaterThan(40)
  expect(COMMANDS.flatMap(([place, line]) => (problem(line) === null ? [] : [`${place}: ${line}: ${problem(line)}`]))).toEqual([])
})

test.each(['release-conductor statsu', 'release-conductor status --pul=1', 'npx -y pnpm@12.21.0 dmeo', 'rm -rf /', 'release-conductor status a b'])(
  '%s would be seen',
  (line) => {
    expect(problem(line)).not.toBeNull()
  },
)

/** What the reader of a block says against it, and the keys of a config that nothing acts on. */
async function wrongIn(place: string, content: string): Promise<readonly string[]> {
  const document: Record<string, unknown> = parse(content)
  if ('jobs' in document) return languageProblems('.github/workflows/example.yml', content)
  if ('github' in document) return parseOperator(content, place).github.app_id > 0 ? [] : ['no App']
  const parsed = parseConfig(content, gatePolicies())
  return [
    ...(parsed.ok ? [] : parsed.errors.map((error) => `${error.key} ${error.message}`)),
    ...idleKeys(document).map((key) => `${key} does nothing`),
  ]
}

test.each(blocks('yaml'))('%s is what its reader takes, and all of it acts', async (place, content) => {
  expect(await wrongIn(place, content)).toEqual([])
})

test.each(['version: 2', 'version: 1\nrelease: { base: [main] }\nvendors: a', 'jobs: { a: { runs: on } }'])('%j would be seen', async (content) => {
  expect(await wrongIn('here', content)).not.toEqual([])
})

test('every document with an example is among those that are read', () => {
  expect(blocks('yaml').length).toBeGreaterThan(3)
  for (const path of ['README.md', 'docs/adopt.md', 'docs/operator.md', 'docs/rollback.md', 'docs/evidence.md', 'docs/retention.md'])
    expect(blocks('sh').some(([place]) => place.startsWith(`${path}:`))).toBe(true)
})

test('the address of the webhook is the one that is served (T48)', () => {
  expect(text('docs/operator.md')).toContain(`POST ${WEBHOOK_PATH}`)
  expect(text('app.yml')).toContain(WEBHOOK_PATH)
})
