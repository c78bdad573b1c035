/** From the login to the way back on the page alone, in Chromium with a virtual security key; and what the pack says of it. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readLedger } from '../../evidence/ledger/lines.ts'
import { readZip } from '../../evidence/pack/zip.ts'
import { cli } from '../app/cli/harness.ts'
import { CHROMIUM, launch } from '../support/chromium.ts'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage
let release: Release
let browser: Browser
let page: Page

async function logIn(at: Page, login: string): Promise<void> {
  await at.getByRole('link', { name: 'Log in with GitHub' }).click()
  await at.getByLabel('You are').fill(login)
  await at.getByRole('button', { name: 'Authorize' }).click()
}

function addressOf(): string {
  return /\[The release page\]\(([^)]+)\)/.exec(release.status)?.[1] ?? ''
}

async function registerKey(): Promise<void> {
  await page.getByRole('link', { name: 'Account' }).click()
  await page.getByLabel('Name of a key to register').fill('the one on my desk')
  await page.getByRole('button', { name: 'Register a key' }).click()
  await page.getByRole('button', { name: 'Use your security key' }).click()
  await page.getByRole('heading', { name: 'the one on my desk' }).waitFor()
}

describe.skipIf(CHROMIUM === null)('in Chromium', () => {
  beforeAll(async () => {
    stage = await setStage({
      bake: '20s',
      deadline: '60s',
      login: true,
      configure: (config) => config.setIn(['people', 'step_up'], config.createNode({ for: ['promote:100'], with: 'webauthn' })),
    })
    browser = await launch()
    page = await browser.newPage()
    const session = await page.context().newCDPSession(page)
    await session.send('WebAuthn.enable')
    const options = {
      protocol: 'ctap2',
      transport: 'usb',
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const
    await session.send('WebAuthn.addVirtualAuthenticator', { options })
    release = await openRelease(stage)
    await release.merged()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.[Symbol.asyncDispose]()
  })

  test('a comment that needs a key is answered with where to give it, and moves nothing', async () => {
    const line = await release.until('a line to paste', () => release.line)
    const comment = await stage.github.as('approver').comment(stage.shop.fullName, release.pull, `${line}\nreason: for everyone today`)
    await release.until('confused', () => release.reactions(comment.id).includes('confused'))
    await release.until('the answer', () => release.status.includes('(`command.step-up-missing`)'))
    expect(release.status).toContain(`It is [here](${addressOf()}/act).`)
    expect(release.ramp).toEqual([0])
  })

  test('whoever logs in, registers a key and signs the very plan on the page starts the rollout', async () => {
    await page.goto(addressOf())
    await page.getByRole('link', { name: 'Act on this release' }).click()
    await logIn(page, 'approver')
    await page.getByText('You are logged in as approver').waitFor()
    await registerKey()
    const counting = async (): Promise<number> => {
      await page.reload()
      return page.locator('.badge', { hasText: /^counts$/ }).count()
    }
    await expect.poll(counting, { timeout: 20_000, interval: 500 }).toBe(1)
    await page.goto(`${addressOf()}/act`)
    await page.locator('#promote-reason').fill('the fix must reach everyone')
    await page.getByRole('button', { name: 'Promote' }).click()
    await page.getByRole('button', { name: 'Use your security key' }).click()
    await page.getByText('The rollout to prod begins').waitFor()
    await release.until('10 %', () => release.weight === 10)
    expect(release.status).toContain('The rollout to prod begins')
  })

  test('without a script, and without a key, it is held and taken back', async () => {
    const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await plain.goto(`${addressOf()}/act`)
    await logIn(plain, 'approver')
    const give = async (title: string, reason: string): Promise<void> => {
      const form = plain.locator('form', { has: plain.getByRole('button', { name: title, exact: true }) })
      await form.getByLabel('Reason').fill(reason)
      await form.getByRole('button').click()
    }
    await give('Hold', 'it looks odd')
    await plain.getByText('It holds where it is').waitFor()
    await give('Roll back', 'checkout answers 500')
    await plain.getByText('All traffic goes back').waitFor()
    expect(await release.ended()).toBe('rolled_back')
    expect(release.ramp).toEqual([0, 10, 0])
    expect(release.faults('rolled_back')).toEqual([])
  })

  test('the signed approval and the ledger say where it was said and that a key signed it; no secret is in either, nor in the log', async () => {
    expect(await release.packProblems()).toEqual([])
    const folder = join(stage.dir, 'artifacts', stage.shop.fullName, 'release/v2.0.0')
    for (const [name, key] of Object.entries(stage.publicKeys)) await writeFile(join(folder, `${name}.pub`), key)
    const { out } = await cli(['evidence', 'verify', 'evidence.zip', '--key=job.pub', '--pack-key=app.pub', '--replay', '--json'], { cwd: folder })
    const { replay } = JSON.parse(out) as { replay: { commands: readonly { subject: string; result: string }[] } }
    const again = replay.commands.filter(({ subject }) => subject.includes('in page:'))
    expect(again.map(({ subject, result }) => [subject.split(' in ')[0], result])).toEqual([
      ['/promote of approver', 'same'],
      ['/hold of approver', 'same'],
      ['/rollback of approver', 'same'],
    ])
    const files = readZip(await readFile(join(stage.dir, 'artifacts', stage.shop.fullName, 'release/v2.0.0/evidence.zip')))
    const [path = ''] = [...files.keys()].filter((name) => name.startsWith('attestations/approval-'))
    const { dsseEnvelope } = JSON.parse(Buffer.from(files.get(path) ?? []).toString()) as { dsseEnvelope: { payload: string } }
    const { predicate } = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as { predicate: object }
    expect(predicate).toMatchObject({
      source: 'page',
      comment_node_id: expect.stringMatching(/^page:[0-9a-f]{32}$/),
      step_up: { method: 'webauthn', key: expect.stringMatching(/^[0-9a-f]{16}$/) },
      reason: 'the fix must reach everyone',
    })
    const { entries } = readLedger(files.get('audit/ledger.jsonl') ?? new Uint8Array())
    const done = entries
      .filter(({ type }) => type === 'command.done')
      .map(({ data }) => [data['command'], data['source'], data['step_up'] !== undefined])
    expect(done.slice(-3)).toEqual([
      [expect.stringMatching(/^\/promote 100 plan:/), 'page', true],
      ['/hold it looks odd', 'page', false],
      ['/rollback checkout answers 500', 'page', false],
    ])
    const log = await stage.app.log()
    const cookies = (await page.context().cookies()).map(({ value }) => value)
    for (const secret of [...cookies, stage.github.app.client.secret, 'ghu_']) expect(log + JSON.stringify(entries)).not.toContain(secret)
    expect([...stage.github.world.tokens.keys()].filter((token) => token.startsWith('ghu_'))).toEqual([])
    stage.github.assertClean()
  })
})
