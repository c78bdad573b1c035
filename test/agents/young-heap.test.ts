import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const MODULE = join(import.meta.dirname, '../../agents/young-heap.ts')

/** Bytes of the space for new objects of a process that keeps some of the much that it makes. */
async function youngBytes(first: string): Promise<number> {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { keepYoungHeapSmall } from ${JSON.stringify(MODULE)}
    ${first}
    let most = 0
    const kept = []
    for (let at = 0; at < 400_000; at += 1) {
      kept.push({ at, text: [at] })
      if (at % 10_000 === 0) most = Math.max(most, getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size)
    }
    console.log(most + kept.length * 0)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  return Number(stdout)
}

test('the space for new objects does not grow; by itself it does', async () => {
  const [small, free] = [await youngBytes('keepYoungHeapSmall()'), await youngBytes('')]
  expect(small).toBeGreaterThan(0)
  expect(small).toBeLessThan(free / 2)
})
