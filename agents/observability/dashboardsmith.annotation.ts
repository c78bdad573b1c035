/** The release as an annotation of Grafana: seen on every dashboard that shows annotations with its tags. Pure; the moment is that of whoever carries it out. */
import type { AnnotationWrite } from '../apply/annotation-write.ts'
import type { Agent } from '../agent.ts'
import type { Dashboards } from '../collect/inputs.dashboards.ts'

type Planned = ReturnType<NonNullable<Agent['plan']>>

/** Nothing, where the config wants none. */
export function annotationOf({ annotation, head }: Dashboards): Planned {
  if (annotation === undefined) return []
  const { grafana, pull, repository, version } = annotation
  const named = version ?? head.slice(0, 12)
  const said: AnnotationWrite = {
    grafana,
    tags: ['release-conductor', `repository:${repository}`, `release:${named}`],
    text: `Release ${named} of ${repository}: commit ${head.slice(0, 12)}${pull === null ? '' : `, pull request ${pull}`}`,
  }
  return [
    {
      kind: 'annotation.write',
      path: `annotations/${named}`,
      text: `${JSON.stringify(said, null, 2)}\n`,
      why: `Whoever looks at ${new URL(grafana).host} sees when ${named} came`,
    },
  ]
}
