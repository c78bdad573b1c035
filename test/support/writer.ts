/** Appends to an embedded store until it is killed: `node test/support/writer.ts DIRECTORY`. Prints each entry's index after it is committed. */
import { openPglite } from '../../app/store/pglite.ts'
import { openStore } from '../../app/store/store.ts'
import { StoreError } from '../../app/store/error.ts'

try {
  const sql = await openPglite(process.argv[2] ?? '')
  const store = await openStore(sql, { now: () => Date.now() })
  const from = (await store.ledger('7#1')).length
  for (let index = from; ; index += 1) {
    await store.append('7#1', [{ type: 'tick', data: { index, filler: 'x'.repeat(2000) } }])
    process.stdout.write(`${index}\n`)
  }
} catch (error) {
  if (!(error instanceof StoreError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = 3
}
