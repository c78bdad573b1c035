import { afterEach, expect, test, vi } from 'vitest'
import { ActionError } from '../../../actions/lib/error.ts'
import { main, optional, required } from '../../../actions/lib/say.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  process.exitCode = undefined
})

test('an empty input is null, or an error where it is required', () => {
  vi.stubEnv('INPUT_SIGNING-KEY', '  ')
  vi.stubEnv('INPUT_OUT', 'signed')
  expect(optional('signing-key')).toBeNull()
  expect(required('out')).toBe('signed')
  expect(() => required('signing-key')).toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('signing-key') as string }) as Error,
  )
})

test('an error ends the job as failed, with its code; text of others makes no command (T60)', async () => {
  const written: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  await main(async () => {
    throw new ActionError('no-identity', 'first line\n::set-env name=x::y')
  })
  vi.restoreAllMocks()
  expect(process.exitCode).toBe(1)
  expect(written.join('')).toBe('::error::no-identity: first line%0A::set-env name=x::y\n')
})
