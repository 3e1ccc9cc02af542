/** How the page looks: light and dark, narrow and wide, on paper. Contrasts are 4.5:1 at least. */
export const style = `
:root {
  color-scheme: light dark;
  --back: #fff; --text: #1c2127; --soft: #57606a; --line: #d9dee4; --box: #f5f7f9; --link: #0a58b8; --mark: #e3edfb;
  --mark-text: #0b4a94; --old: #fbe9e0; --old-text: #8f3309; --focus: #0a58b8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14181d; --text: #e4e8ec; --soft: #a0aab4; --line: #323a43; --box: #1c2229; --link: #84b8ff; --mark: #1d3350;
    --mark-text: #b4d4ff; --old: #43261a; --old-text: #ffbf9f; --focus: #84b8ff;
  }
}
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.55 system-ui, sans-serif }
header, footer { padding: 1.5rem clamp(1rem, 4vw, 2.5rem) }
header { border-bottom: 1px solid var(--line) }
header p { margin: .25rem 0 0; color: var(--soft) }
footer { color: var(--soft); font-size: .875rem; border-top: 1px solid var(--line) }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; overflow-wrap: anywhere }
h2 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.3 }
h3 { margin: 0 0 .5rem; font-size: 1.125rem; line-height: 1.5; overflow-wrap: anywhere }
h3 > a:first-child { font-family: ui-monospace, monospace; color: inherit; text-decoration: none }
h3 > a:first-child:hover { text-decoration: underline }
h4 { margin: 1.25rem 0 .25rem; font-size: .8125rem; color: var(--soft) }
p { margin: .5rem 0 }
a { color: var(--link) }
code, kbd, pre { font-family: ui-monospace, monospace; font-size: .875em }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 .35em }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 2px }
article:focus { outline: none }
article:target { border-color: var(--focus) }
[hidden] { display: none !important }
.skip { position: absolute; left: -99rem }
.skip:focus { left: 1rem; top: 1rem; background: var(--back); padding: .5rem; z-index: 1 }
.columns { display: grid; grid-template-columns: 17rem minmax(0, 1fr); align-items: start }
.side { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 2rem clamp(1rem, 4vw, 2.5rem);
  border-right: 1px solid var(--line) }
main { padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 62rem; width: 100% }
section { margin-bottom: 3.5rem }
.intro { color: var(--soft); margin: 0 0 1rem }
article { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem 1.25rem; margin: 1rem 0;
  content-visibility: auto; contain-intrinsic-size: auto 30rem; scroll-margin-top: 1rem }
.kind { color: var(--soft); font-size: .8125rem; font-weight: 400; margin-left: .25rem }
.badge { display: inline-block; background: var(--mark); color: var(--mark-text); font-size: .75rem; font-weight: 500; line-height: 1.6;
  border-radius: 99px; padding: 0 .6em; text-decoration: none; white-space: nowrap }
.old { background: var(--old); color: var(--old-text) }
.warning { background: var(--old); color: var(--old-text); border-radius: 6px; padding: .4rem .75rem }
.none { color: var(--soft) }
.type { margin: .25rem 0 }
.bounds { color: var(--soft); font-size: .875rem }
table { width: 100%; border-collapse: collapse; margin: .25rem 0; font-size: .9375rem }
th { text-align: left; font-size: .75rem; font-weight: 500; color: var(--soft); padding: .25rem .75rem .25rem 0 }
td { vertical-align: top; border-top: 1px solid var(--line); padding: .4rem .75rem .4rem 0; overflow-wrap: anywhere }
td:nth-child(1) { width: 26% } td:nth-child(2) { width: 32% }
td small { display: block; color: var(--soft); font-size: .75rem; line-height: 1.3 }
td.in1 { padding-left: 1.25rem } td.in2 { padding-left: 2.5rem } td.in3 { padding-left: 3.75rem }
.variant td { color: var(--soft); font-size: .8125rem }
pre { background: var(--box); border-radius: 6px; padding: .75rem 1rem; margin: .25rem 0; overflow-x: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; line-height: 1.5 }
pre code { font-size: .8125rem }
details summary { cursor: pointer; color: var(--soft); font-size: .8125rem; padding: .25rem 0 }
dl { margin: .25rem 0; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .5rem 1.25rem }
dd { margin: 0 } dd > :first-child { margin-top: 0 }
.links { margin: .25rem 0; padding: 0; list-style: none; color: var(--soft); font-size: .875rem }
nav { font-size: .9375rem }
nav summary { color: var(--text); font-size: .875rem; font-weight: 600; padding: .5rem 0 .25rem }
nav small { color: var(--soft); font-weight: 400 }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0 }
nav a { display: block; padding: .15rem .5rem; border-radius: 4px; color: var(--text); text-decoration: none; overflow-wrap: anywhere;
  font: .8125rem/1.6 ui-monospace, monospace }
nav a:hover { background: var(--box) }
.gone { text-decoration: line-through }
form label { font-size: .8125rem; font-weight: 600 }
form p { color: var(--soft); font-size: .8125rem; margin: .35rem 0 .75rem }
input { width: 100%; font: inherit; font-size: .9375rem; color: inherit; background: var(--back); border: 1px solid var(--soft);
  border-radius: 6px; padding: .4rem .6rem }
::placeholder { color: var(--soft); opacity: 1 }
nav a small { font-family: system-ui, sans-serif; font-size: .75rem }
@media (max-width: 52rem) {
  .columns { display: block }
  .side { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: 1rem clamp(1rem, 4vw, 2.5rem) }
  form { position: sticky; top: 0; background: var(--back) }
  main { padding-top: 1.25rem }
  article { padding: .75rem 1rem 1rem }
}
@media (max-width: 34rem) {
  table, tbody, tr, td { display: block }
  thead { display: none }
  tr { border-top: 1px solid var(--line); padding: .4rem 0 }
  td { border: 0; padding: 0; width: auto !important }
  td:empty { display: none }
  td small { display: inline; margin-left: .5rem }
  dl { display: block } dd { margin: 0 0 1rem }
}
@media print {
  .side, .skip, script { display: none }
  .columns { display: block }
  header, footer { padding: 0 0 1rem; margin-bottom: 1rem }
  main { max-width: none; padding: 0 }
  article { content-visibility: visible; break-inside: avoid-page; border-color: #bbb }
  pre { border: 1px solid #ccc }
}
`
