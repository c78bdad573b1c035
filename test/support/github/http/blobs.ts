/** Downloads by signed, short-lived address, as GitHub's storage gives them: no token is asked, only the signature. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../world/world.ts'

const LIFE_MS = 60_000

const sign = (world: World, folder: string, id: string, name: string, until: string): string =>
  createHmac('sha256', world.blobKey).update(`${folder}/${id}/${name}/${until}`).digest('hex')

export const signedUrl = (world: World, folder: 'artifacts' | 'assets', id: number, name: string): string => {
  const until = String(world.now().getTime() + LIFE_MS)
  const url = new URL(`/_blob/${folder}/${id}`, world.base)
  url.searchParams.set('name', name)
  url.searchParams.set('se', until)
  url.searchParams.set('sig', sign(world, folder, String(id), name, until))
  return url.href
}

/** Bytes of a signed address, or null when it is wrong or too old. */
export const blob = async (world: World, url: URL): Promise<Uint8Array | null> => {
  const [, , folder = '', id = ''] = url.pathname.split('/')
  const until = url.searchParams.get('se') ?? ''
  const name = url.searchParams.get('name') ?? ''
  const given = Buffer.from(url.searchParams.get('sig') ?? '')
  const wanted = Buffer.from(sign(world, folder, id, name, until))
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted) || Number(until) < world.now().getTime()) return null
  return await readFile(join(world.dir, 'files', folder, id))
}
