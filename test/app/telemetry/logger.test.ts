import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLogger, forRelease } from '../../../app/telemetry/logger.ts'

function capture(secrets: string[] = []): { log: ReturnType<typeof createLogger>; lines: () => Record<string, unknown>[]; text: () => string } {
  let text = ''
  const log = createLogger({ secrets, to: { write: (line: string) => void (text += line) } })
  return {
    log,
    text: () => text,
    lines: () =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

test('lines are JSON with level, time and the five words of a release', () => {
  const { log, lines } = capture()
  forRelease(log, { release: '7#12', env: 'prod', tenant: null, trace_id: 'c'.repeat(32), sha: 'a'.repeat(40) }).info({ step: 10 }, 'advanced')
  expect(lines()).toEqual([
    {
      level: 'info',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      release: '7#12',
      env: 'prod',
      tenant: null,
      trace_id: 'c'.repeat(32),
      sha: 'a'.repeat(40),
      step: 10,
      message: 'advanced',
    },
  ])
})

test('no field, message, bound field or stack carries a secret out, and the lines stay JSON', () => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const token = `ghs_${'a'.repeat(36)}`
  const odd = 'quoted"secret\\with\nline'
  const { log, text, lines } = capture([odd])
  log.child({ token }).warn({ deep: { list: [token, pem] }, err: new Error(`with ${token}`) }, `using ${odd} and ${pem}`)
  const [line] = lines()
  expect(line).toMatchObject({ level: 'warn', token: '[redacted]' })
  for (const secret of [token, pem.split('\n')[1] ?? pem, 'quoted', 'PRIVATE KEY']) expect(text()).not.toContain(secret)
})
