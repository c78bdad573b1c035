/** As much of a browser as a login needs: it keeps cookies by host, says where a form comes from, and follows nothing by itself. */
export class Browser {
  /** By host, then by name. */
  readonly cookies = new Map<string, Map<string, string>>()
  /** Every header of the last answer that would set a cookie. */
  set: readonly string[] = []

  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.ask(url, { headers })
  }

  /** A form of a page of that host. @param headers in place of what a browser would say */
  async post(url: string, fields: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Response> {
    return this.ask(url, {
      method: 'POST',
      headers: headers ?? { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(fields),
    })
  }

  /** What a form of this page must hold. */
  async formToken(url: string): Promise<string> {
    return /name="token" value="([0-9a-f]{64})"/.exec(await (await this.get(url)).text())?.[1] ?? ''
  }

  private async ask(
    url: string,
    { headers, ...init }: Omit<RequestInit, 'headers'> & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<Response> {
    const { host } = new URL(url)
    const jar = this.cookies.get(host) ?? new Map<string, string>()
    this.cookies.set(host, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...headers, ...(cookie === '' ? {} : { cookie }) } })
    this.set = response.headers.getSetCookie()
    for (const one of this.set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(one) ?? []
      if (/;\s*Max-Age=0(;|$)/i.test(one)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
}
