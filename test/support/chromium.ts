/** Debian's Chromium, driven by Playwright. */
import { chromium, type Browser } from 'playwright-core'
import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** null: it is not installed. */
export const CHROMIUM: string | null = PLACES.find((path) => existsSync(path)) ?? null

/** @throws when it does not start */
export async function launch(): Promise<Browser> {
  // Chromium's sandbox needs a kernel feature that containers do not give.
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
}
