/** `app.yml` -> the manifest that GitHub reads, and where it is sent. Pure. */
import { parse } from 'yaml'
import { z } from 'zod'
import { CALLBACK_PATH } from '../../web/login-entry.ts'

/** As much of `app.yml` as is sent. */
const Permissions = z.record(z.string(), z.enum(['read', 'write']))
const Template = z.object({
  url: z.url(),
  public: z.literal(false),
  /** Its path is right, its host is to be changed. */
  hook_attributes: z.object({ url: z.url() }),
  default_permissions: Permissions,
  default_events: z.array(z.string()),
})

export interface ManifestOf {
  /** Of the App; GitHub wants one that nobody else has, of 34 characters at most. */
  readonly name: string
  /** Where the world will reach the App, without a slash at its end. */
  readonly publicUrl: string
  /** Where GitHub sends the browser with the code. */
  readonly redirectUrl: string
}

/** @param template text of app.yml @returns JSON, as the form sends it */
export function manifestOf(template: string, { name, publicUrl, redirectUrl }: ManifestOf): string {
  const { url, public: isPublic, hook_attributes, default_permissions, default_events } = Template.parse(parse(template))
  return JSON.stringify({
    name,
    url,
    public: isPublic,
    hook_attributes: { url: `${publicUrl}${new URL(hook_attributes.url).pathname}`, active: true },
    redirect_url: redirectUrl,
    callback_urls: [`${publicUrl}${CALLBACK_PATH}`],
    default_permissions,
    default_events,
  })
}

/** Where the form goes. @param web such as https://github.com @param org null: the App is the person's own */
export function formAddress(web: string, org: string | null, state: string): string {
  const owner = org === null ? '' : `/organizations/${encodeURIComponent(org)}`
  return `${web}${owner}/settings/apps/new?state=${state}`
}

/** The API of a GitHub by its web address: github.com, a GHE.com tenant, or a GitHub Enterprise Server. */
export function apiOf(web: string): string {
  const { host, origin, protocol } = new URL(web)
  if (host === 'github.com' || host.endsWith('.ghe.com')) return `${protocol}//api.${host}`
  return `${origin}/api/v3`
}
