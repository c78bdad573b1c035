/** The list of releases. Pure. */
import type { ReleaseRecord } from '../release/ports.ts'
import { html, type Html } from './html.ts'
import { stateBadge } from './release-page.ts'

export type Listed = Pick<ReleaseRecord, 'key' | 'repository' | 'pull' | 'version' | 'state'>

/** @param pathOf of a release, by its key @param more whether there are others than these */
export function listPage(releases: readonly Listed[], more: boolean, pathOf: (key: string) => string): Html {
  return html`<h1>Releases</h1>
    ${releases.length === 0 ? html`<p>There is none yet. A release begins with a pull request from <code>release/vX.Y.Z</code>.</p>` : null}
    <ul class="cards">
      ${releases.map(
        ({ key, repository, pull, version, state }) =>
          html`<li class="card">
            <div class="head">
              <h2><a href="${pathOf(key)}">${version}</a></h2>
              ${stateBadge(state)}
            </div>
            <p class="soft">${repository.owner}/${repository.name}, pull request ${pull}</p>
          </li>`,
      )}
    </ul>
    ${more ? html`<p class="soft">Older ones are not shown here; their status comments lead to them.</p>` : null}`
}
