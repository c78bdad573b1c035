/** How the pages look: readable at 320 px, in the dark, printed, and enlarged. Colours have a contrast of 4.5 or more. */
export const style = `:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f5f6f8; --line: #c9ced6; --ink: #16191f; --soft: #4a5260; --link: #0b57c2;
  --good: #146c2e; --bad: #b3261e; --open: #8a4b00; --idle: #4a5260; --run: #0b57c2;
  --good-back: #e4f5e8; --bad-back: #fdeceb; --open-back: #fff1dd; --idle-back: #eef0f3; --run-back: #e4eefc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --line: #3b4450; --ink: #e9ecf1; --soft: #b1bac6; --link: #8ab8ff;
    --good: #7fdc98; --bad: #ffa69e; --open: #ffc37a; --idle: #b1bac6; --run: #8ab8ff;
    --good-back: #12301b; --bad-back: #3d1512; --open-back: #3a2705; --idle-back: #262c35; --run-back: #14294a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 0 1rem 3rem; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--page); padding: .5rem; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; align-items: center; border-bottom: 1px solid var(--line); margin-bottom: 1.5rem; }
.brand { font-weight: 600; margin: .75rem 0; }
.live { margin: .5rem 0; color: var(--soft); font-size: .9rem; }
button { font: inherit; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); color: var(--ink); min-height: 2rem; }
button, .button { font-weight: 600; }
.button { display: inline-block; padding: .25rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); color: var(--ink); text-decoration: none; }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
legend { padding: 0; }
label { display: inline-block; }
input { font: inherit; color: var(--ink); background: var(--page); border: 1px solid var(--soft); border-radius: .5rem; padding: .25rem .5rem; max-width: 100%; min-height: 2rem; }
input[type="radio"] { min-height: 0; accent-color: var(--link); width: 1.25rem; height: 1.25rem; vertical-align: text-bottom; }
input:not([type]) { display: block; width: 100%; }
.said { white-space: pre-line; }
.account { margin: .5rem 0; margin-left: auto; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .5rem 0; max-width: 70ch; }
.soft { color: var(--soft); }
.badge { display: inline-block; border-radius: 1rem; padding: .1rem .7rem; font-size: .9rem; font-weight: 600; background: var(--idle-back); color: var(--idle); }
.badge.good { background: var(--good-back); color: var(--good); }
.badge.bad { background: var(--bad-back); color: var(--bad); }
.badge.open { background: var(--open-back); color: var(--open); }
.badge.run { background: var(--run-back); color: var(--run); }
.note { border-left: 4px solid var(--open); background: var(--open-back); padding: .5rem .75rem; margin: .75rem 0; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; white-space: pre-wrap; margin: .5rem 0; font-size: .9rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
ul.cards { list-style: none; padding: 0; margin: 0; display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .9rem; }
.card .head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; justify-content: space-between; align-items: baseline; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .75rem; margin: .6rem 0; font-size: .95rem; }
dt { color: var(--soft); }
dd { margin: 0; }
.numbers dd { font-variant-numeric: tabular-nums; }
.graph svg { width: 100%; height: auto; display: block; }
.graph.tall { display: none; max-width: 19rem; }
@media (max-width: 60rem) { .graph.wide { display: none; } .graph.tall { display: block; } }
.phase rect { fill: var(--idle-back); stroke: var(--idle); }
.phase text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.phase .name { font-weight: 600; font-size: 13px; }
.phase.proven rect { fill: var(--good-back); stroke: var(--good); }
.phase.blocked rect { fill: var(--bad-back); stroke: var(--bad); stroke-width: 2; }
.phase.running rect { fill: var(--run-back); stroke: var(--run); stroke-width: 2; }
.phase.not-built rect { stroke-dasharray: 4 3; }
.arrow { fill: none; stroke: var(--line); stroke-width: 2; }
.traffic { width: 100%; height: 1.25rem; display: block; border-radius: .5rem; }
.traffic .old { fill: var(--idle-back); }
.traffic .new { fill: var(--run); }
figure { margin: 1rem 0; }
figure img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: .5rem; background: #ffffff; }
figcaption { color: var(--soft); font-size: .9rem; }
ol.plain { list-style: none; padding: 0; margin: 0; }
ol.plain li { border-top: 1px solid var(--line); padding: .4rem 0; }
time { color: var(--soft); font-variant-numeric: tabular-nums; margin-right: .5rem; }
summary { cursor: pointer; padding: .25rem 0; min-height: 1.5rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; }
@media print { .live, .skip { display: none; } }
`
