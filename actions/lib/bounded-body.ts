/** @throws Error when the other side sends more than `most` bytes */
export async function boundedBody(response: Response, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > most) throw new Error(`it sent more than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
