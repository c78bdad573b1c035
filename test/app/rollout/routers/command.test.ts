import { expect, test } from 'vitest'
import { Command, run } from '../../../../app/rollout/routers/command.ts'

test('how it ended and what it wrote, without a shell and without our environment', async () => {
  process.env['A_SECRET_OF_OURS'] = 'hidden'
  expect(await run(['/usr/bin/env'], 5_000)).toEqual({ ok: true, said: `PATH=${process.env['PATH'] ?? ''}\n` })
  expect(await run(['/bin/echo', '$HOME; `id`'], 5_000)).toEqual({ ok: true, said: '$HOME; `id`\n' })
  expect(await run(['/bin/sh', '-c', 'echo out; echo err >&2; exit 3'], 5_000)).toEqual({ ok: false, said: 'err\nout\n' })
  delete process.env['A_SECRET_OF_OURS']
})

test.each([
  ['is not there', ['/no/such/program'], 'could not be run (ENOENT)'],
  ['does not end', ['/bin/sleep', '60'], 'did not end in 200 ms'],
  ['never stops writing', ['/usr/bin/yes'], 'could not be run (ERR_CHILD_PROCESS_STDIO_MAXBUFFER)'],
])('one that %s is refused', async (_, command, why) => {
  await expect(run(command, command[0] === '/bin/sleep' ? 200 : 5_000)).rejects.toMatchObject({
    name: 'RouterError',
    code: 'refused',
    message: expect.stringContaining(why) as string,
  })
})

test('a command has a program', () => {
  expect(Command.safeParse([]).success).toBe(false)
  expect(Command.safeParse(['']).success).toBe(false)
  expect(Command.safeParse('nginx -t').success).toBe(false)
})
