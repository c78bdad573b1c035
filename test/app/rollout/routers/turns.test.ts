import { expect, test } from 'vitest'
import { turns } from '../../../../app/rollout/routers/turns.ts'

test('changes run one after another, and what was overtaken before it began never begins', async () => {
  const inTurn = turns()
  const seen: string[] = []
  const change = (percent: number) =>
    inTurn(percent, async (own) => {
      seen.push(`begin ${percent}`)
      await Promise.resolve()
      own()
      seen.push(`end ${percent}`)
    })
  const ended = await Promise.allSettled([change(10), change(50), change(0)])
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  expect(ended[1]).toMatchObject({ reason: { code: 'refused', message: expect.stringContaining('overtook 50 %') as string } })
  expect(seen).toEqual(['begin 0', 'end 0'])
})

test('one that fails holds up no other, and one under way ends where it asks whether it is still its turn', async () => {
  const inTurn = turns()
  await expect(inTurn(10, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const gate = Promise.withResolvers<void>()
  const first = inTurn(10, async (own) => {
    await gate.promise
    own()
  })
  await Promise.resolve()
  await Promise.resolve()
  const second = inTurn(0, () => Promise.resolve())
  gate.resolve()
  await expect(first).rejects.toMatchObject({ code: 'refused' })
  await second
})
