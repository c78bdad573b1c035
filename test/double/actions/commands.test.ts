import { describe, expect, test } from 'vitest'
import { JobLog, readEnvironment, readPairs } from '../../support/github/actions/commands.ts'

describe('the log of a job', () => {
  test('keeps annotations with their place', () => {
    const log = new JobLog()
    log.read('::error file=src/a.ts,line=12,title=image.user-root::runs as root%0Afix it')
    log.read('::notice::hello')
    expect(log.annotations).toStrictEqual([
      { level: 'error', message: 'runs as root\nfix it', title: 'image.user-root', file: 'src/a.ts', line: 12 },
      { level: 'notice', message: 'hello' },
    ])
  })

  test('hides every line of a secret, the longest first, and leaves short words alone', () => {
    const log = new JobLog()
    log.mask('abcd\nabcdefgh')
    log.mask('is')
    log.write('it is abcdefgh and abcd')
    expect(log.lines).toStrictEqual(['it is *** and ***'])
    expect(log.leaks('xx abcd')).toBe(true)
  })

  test('between stop-commands and its token nothing is a command', () => {
    const log = new JobLog()
    for (const line of ['::stop-commands::t0k', '::add-mask::visible', '::t0k::', '::add-mask::hidden', 'visible hidden']) log.read(line)
    expect(log.lines).toStrictEqual(['::add-mask::visible', 'visible ***'])
  })

  test('an unknown command is refused', () => {
    expect(() => new JobLog().read('::save-state name=x::y')).toThrow(expect.objectContaining({ code: 'bad-command' }) as Error)
  })
})

describe('files of a step', () => {
  test('pairs on one line and on many', () => {
    expect([...readPairs('a=1\nb<<EOF\nx\ny=z\nEOF\nc=d=e\n', 'GITHUB_OUTPUT')]).toStrictEqual([
      ['a', '1'],
      ['b', 'x\ny=z'],
      ['c', 'd=e'],
    ])
  })

  test.each(['a<<EOF\nx\n', 'no pair\n', '=x\n'])('%j is refused', (text) => {
    expect(() => readPairs(text, 'GITHUB_OUTPUT')).toThrow(expect.objectContaining({ code: 'bad-command' }) as Error)
  })

  test.each(['NODE_OPTIONS', 'GITHUB_SHA', 'RUNNER_TEMP', 'ACTIONS_ID_TOKEN_REQUEST_URL'])('%s may not be set', (name) => {
    expect(() => readEnvironment(`${name}=x\n`)).toThrow(expect.objectContaining({ code: 'bad-command' }) as Error)
  })
})
