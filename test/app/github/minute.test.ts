import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SHARES } from '../../../app/github/budget.ts'
import { isGitHubError } from '../../../app/github/error.ts'
import { openMinute, type Minute, type Minutes } from '../../../app/github/minute.ts'

const MINUTE = 60_000
const EDIT = { method: 'PATCH', share: 'shown' } as const
const DEPLOY = { method: 'POST' } as const
const READ = { method: 'GET' } as const

beforeEach(() => void vi.useFakeTimers({ now: 10 * MINUTE }))
afterEach(() => void vi.useRealTimers())

/** A database whose clock is a minute ahead. */
class Told implements Minutes {
  readonly told = new Map<number, string>()
  asked = 0
  fault: 'none' | 'throws' | 'hangs' = 'none'
  async change<Answer>(installation: number, change: (told: string | null, at: number) => { told: string; answer: Answer }): Promise<Answer> {
    this.asked += 1
    if (this.fault === 'throws') throw new Error('the database is away')
    if (this.fault === 'hangs') await new Promise(() => {})
    const { told, answer } = change(this.told.get(installation) ?? null, Date.now() + MINUTE)
    this.told.set(installation, told)
    return answer
  }
}

function processOf(name: string, minutes?: Minutes, isLimited = true): Minute {
  return openMinute({ now: Date.now, isLimited, process: name, ...(minutes !== undefined && { minutes }) })
}

function processes(minutes: Minutes): readonly [Minute, Minute, Minute] {
  return [processOf('a', minutes), processOf('b', minutes), processOf('c', minutes)]
}

/** As the client does it. @returns whether it left */
async function write(minute: Minute, call: typeof EDIT | typeof DEPLOY, work: () => Promise<void> = async () => {}): Promise<boolean> {
  const share = 'share' in call ? call.share : undefined
  try {
    await minute.inTurn(1, share, 10_000, async () => {
      await minute.admit(1, call)
      minute.sent(1, call.method)
      await work()
    })
    return true
  } catch (error) {
    if (isGitHubError(error, 'limited')) return false
    throw error
  }
}

async function codeOfRead(minute: Minute): Promise<string> {
  return minute.admit(1, READ).then(
    () => 'sent',
    (error: unknown) => (isGitHubError(error) ? error.code : String(error)),
  )
}

test('three processes spend one share together, leave what matters its room, and go on a minute later', async () => {
  const all = processes(new Told())
  const left = async (count: number): Promise<number> => {
    let done = 0
    for (let nth = 0; nth < count; nth += 1) if (await write(all[nth % 3] as Minute, EDIT)) done += 1
    return done
  }
  expect(await left(120)).toBe(SHARES.shown.content)
  expect(all.map((minute) => minute.isFull(1, 'shown'))).toEqual([true, true, true])
  expect(await write(all[1], DEPLOY)).toBe(true)
  await vi.advanceTimersByTimeAsync(MINUTE + 1)
  expect(await left(120)).toBe(SHARES.shown.content)
})

test('alone, each would spend the whole share: the others are what keeps them', async () => {
  const all = [processOf('a'), processOf('b')]
  for (let nth = 0; nth < 2 * SHARES.shown.content; nth += 1) expect(await write(all[nth % 2] as Minute, EDIT)).toBe(true)
})

test('what others read counts within a second or two, though a read tells nobody when it leaves', async () => {
  const told = new Told()
  const [one, other] = processes(told)
  await one.admit(1, READ)
  for (let nth = 0; nth < SHARES.shown.points; nth += 1) one.sent(1, 'GET')
  await other.admit(1, READ)
  expect(other.isFull(1, 'shown')).toBe(false)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(await write(other, EDIT)).toBe(false)
  expect(await write(other, DEPLOY)).toBe(true)
})

test('reads ask the database once in one and a half seconds at the most, and once more when they have ended', async () => {
  const told = new Told()
  const [one] = processes(told)
  for (let nth = 0; nth < 300; nth += 1) {
    await one.admit(1, READ)
    one.sent(1, 'GET')
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(told.asked).toBeLessThanOrEqual(4)
  await vi.advanceTimersByTimeAsync(MINUTE)
  expect(told.asked).toBeLessThanOrEqual(5)
})

test('that GitHub asked one to wait, the others hear at their next write, and at a read within one and a half seconds', async () => {
  const [one, other, third] = processes(new Told())
  for (const minute of [one, other, third]) await minute.admit(1, READ)
  const until = Date.now() + 30_000
  await one.refused(1, until)
  await expect(other.inTurn(1, undefined, 10_000, () => other.admit(1, DEPLOY))).rejects.toMatchObject({ code: 'limited', retryAt: until })
  await vi.advanceTimersByTimeAsync(1_500)
  expect(await codeOfRead(third)).toBe('limited')
  expect([one, other, third].map((minute) => minute.isFull(1, 'answered'))).toEqual([true, true, true])
  await other.admit(2, READ)
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await Promise.all([one, other, third].map(codeOfRead))).toEqual(['sent', 'sent', 'sent'])
})

test('a refusal that nobody could hear at once is told later', async () => {
  const told = new Told()
  const [one, other] = processes(told)
  told.fault = 'throws'
  await one.refused(1, Date.now() + 30_000)
  told.fault = 'none'
  await vi.advanceTimersByTimeAsync(6_000)
  expect(await codeOfRead(one)).toBe('limited')
  expect(await codeOfRead(other)).toBe('limited')
})

test('writes of three processes go one after the other, and each gets its turn', async () => {
  const all = processes(new Told())
  let [inside, most] = [0, 0]
  const done = [0, 0, 0]
  const busy = all.map(async (minute, place) => {
    for (let nth = 0; nth < 8; nth += 1)
      await write(minute, DEPLOY, async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setTimeout(resolve, 100))
        inside -= 1
        done[place] = (done[place] ?? 0) + 1
      })
  })
  await vi.advanceTimersByTimeAsync(1_500)
  expect(Math.min(...done)).toBeGreaterThanOrEqual(2)
  await vi.advanceTimersByTimeAsync(10_000)
  await Promise.all(busy)
  expect([most, ...done]).toEqual([1, 8, 8, 8])
})

test('a turn that does not come holds what matters for a second, and what only shows goes another time', async () => {
  const [one, other] = processes(new Told())
  const hung = Promise.withResolvers<null>()
  const long = write(one, DEPLOY, async () => void (await hung.promise))
  await vi.advanceTimersByTimeAsync(10)
  const [deploy, edit] = [write(other, DEPLOY), write(processOf('d', new Told()), EDIT)]
  const ended = vi.fn<(left: boolean) => void>()
  void deploy.then(ended)
  await vi.advanceTimersByTimeAsync(900)
  expect(ended).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(200)
  expect(ended).toHaveBeenCalledWith(true)
  expect(await edit).toBe(true)
  const shown = write(other, EDIT)
  await vi.advanceTimersByTimeAsync(1_100)
  expect(await shown).toBe(false)
  hung.resolve(null)
  expect(await long).toBe(true)
  expect(await write(other, EDIT)).toBe(true)
})

test.each(['throws', 'hangs'] as const)('a database that %s stops nothing: the process counts alone, and asks again later', async (fault) => {
  const told = new Told()
  const [one] = processes(told)
  told.fault = fault
  const first = write(one, DEPLOY)
  await vi.advanceTimersByTimeAsync(500)
  expect(await first).toBe(true)
  for (let nth = 0; nth < SHARES.shown.content - 1; nth += 1) expect(await write(one, EDIT)).toBe(true)
  expect(await write(one, EDIT)).toBe(false)
  expect(await write(one, DEPLOY)).toBe(true)
  expect(told.asked).toBe(1)
  told.fault = 'none'
  await vi.advanceTimersByTimeAsync(6_000)
  expect(await write(one, DEPLOY)).toBe(true)
  expect(told.asked).toBeGreaterThan(1)
})

test('where GitHub has no limits nobody is asked, and a wait is still kept', async () => {
  const told = new Told()
  const free = processOf('a', told, false)
  for (let nth = 0; nth < 200; nth += 1) expect(await write(free, EDIT)).toBe(true)
  await free.refused(1, Date.now() + 1_000)
  expect([await codeOfRead(free), told.asked]).toEqual(['limited', 0])
})
