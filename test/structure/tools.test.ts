import { expect, test } from 'vitest'
import { text } from './tree.ts'

const PINS = [...text('.ci/tools').matchAll(/^\s+\S+@v(\d+\.\d+\.\d+)$|([a-z-]+)==(\d+\.\d+\.\d+)/gm)].map((match) => match[1] ?? match[3] ?? '')

test('the table of other people’s tools tells the versions that .ci/tools installs, and no other', () => {
  const rows = text('test/interop/README.md')
    .split('\n')
    .filter((line) => /^\| .*\d+\.\d+\.\d+/.test(line) && !line.includes('when it was written'))
  const told = rows.flatMap((row) => [...(row.split('|')[2] ?? '').matchAll(/\d+\.\d+\.\d+/g)].map(([version]) => version))
  expect(PINS.length).toBeGreaterThan(8)
  expect(told.toSorted()).toEqual(PINS.toSorted())
})
