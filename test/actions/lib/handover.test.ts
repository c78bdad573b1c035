import { describe, expect, test } from 'vitest'
import { checkHandover } from '../../../actions/lib/handover.ts'
import { folder, handover, INPUT_PATH, REPORT } from '../../support/actions/handover.ts'

test('a healthy hand-over passes, and its files come without handover.json', () => {
  expect([...checkHandover(folder()).files.keys()]).toStrictEqual(['ci/commit_lint.json', INPUT_PATH])
})

describe('refused:', () => {
  const whole = handover()
  const file = whole.files[0] ?? { path: '', sha256: '', size: 0 }
  test.each([
    ['no handover.json', folder(whole, { 'handover.json': null }), 'no-handover'],
    ['broken JSON', folder(whole, { 'handover.json': Buffer.from('{') }), 'bad-handover'],
    ['an unknown key', folder({ ...whole, extra: 1 }), 'bad-handover'],
    ['a key twice', folder(whole, { 'handover.json': Buffer.from('{"schema_version":1,"schema_version":1}') }), 'bad-handover'],
    ['a changed file', folder(whole, { 'ci/commit_lint.json': Buffer.from('{"commits":4}') }), 'file-changed'],
    ['a file with another size', folder({ ...whole, files: [{ ...file, size: 1 }, ...whole.files.slice(1)] }), 'file-changed'],
    ['a missing file', folder(whole, { [INPUT_PATH]: null }), 'file-missing'],
    ['an extra file', folder(whole, { 'more.json': REPORT }), 'file-extra'],
    ['a file named twice', folder({ ...whole, files: [...whole.files, file] }), 'bad-handover'],
    [
      'a bundle smuggled in',
      folder(
        { ...whole, files: [{ ...file, path: 'attestations/agent-response-commits.sigstore.json' }, ...whole.files.slice(1)] },
        { 'ci/commit_lint.json': null, 'attestations/agent-response-commits.sigstore.json': REPORT },
      ),
      'bad-handover',
    ],
  ])('%s', (_, files, code) => {
    expect(() => checkHandover(files)).toThrow(expect.objectContaining({ code }) as Error)
  })
})
