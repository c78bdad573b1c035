/** Where the traffic of a release is, with the picture of each step and the judge's words. Pure. */
import { badge } from './badge.ts'
import { html, type Html } from './html.ts'
import type { ReleaseView, RolloutView } from './release-view.ts'

/** Path of a step's picture; null: it cannot be shown. */
export type PicturePath = (rollout: number, step: number, at: number) => string

export function traffic({ rollouts, sentence, record }: ReleaseView, picture: PicturePath): Html | null {
  if (rollouts.length === 0) return null
  const now = rollouts.at(-1)
  return html`<h2>Traffic</h2>
    ${rollouts.toReversed().map((rollout) => oneRollout(rollout, rollout === now ? sentence : '', picture, record.version))}`
}

/** @param said the judge's last word, when it is about this one */
function oneRollout(rollout: RolloutView, said: string, picture: PicturePath, version: string): Html {
  const { number, environment, steps, weight, judged, pictures, why, stage, deadline } = rollout
  const words = `${weight} % of ${environment} on ${version}, ${100 - weight} % on the version before`
  return html`<section aria-labelledby="rollout-${number}">
    <h3 id="rollout-${number}">${environment}: ${weight} % on ${version} ${why === '' ? null : badge('went back', 'bad')}</h3>
    <svg class="traffic" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${words}">
      <rect class="old" width="100" height="6" />
      <rect class="new" width="${weight}" height="6" />
    </svg>
    <p class="soft">
      Steps ${steps.map((step) => `${step} %`).join(', ')}; now ${stage}.
      ${deadline === null ? '' : `This step ends at ${deadline} at the latest; anything but a clear yes rolls back then.`}
    </p>
    ${why === '' ? null : html`<p class="note">${why}</p>`}${said === '' || said === why ? null : html`<p>The judge: ${said}</p>`}
    ${
      judged.length === 0
        ? null
        : html`<ol class="plain">
            ${judged.map((one) => html`<li><time datetime="${one.at}">${one.at}</time>${one.step} %: ${one.sentence}</li>`)}
          </ol>`
    }
    ${pictures.toReversed().map(
      ({ step, at }) =>
        html`<figure>
          <img
            src="${picture(number, step, at)}"
            alt="Share of failed requests, latency and requests a second of canary and stable at ${step} % of ${environment}"
            loading="lazy"
          />
          <figcaption>${step} % of ${environment}</figcaption>
        </figure>`,
    )}
  </section>`
}
