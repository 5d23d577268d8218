/** The look of the pages: GitHub's order of things, the sandbox's own colours. Light and dark by the reader's setting. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f5; --sheet: #ffffff; --text: #1d2422; --soft: #56635f; --line: #d5dcd8; --band: #eef2ef;
  --accent: #0b6e6e; --accent-text: #ffffff; --good: #1a7f37; --bad: #c0262d; --wait: #8a6100; --code: #eef1ee;
  --add: #ddf5e2; --remove: #fde4e2; --note: #fff4d6; --note-line: #e0c876;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101514; --sheet: #171d1c; --text: #e4eae7; --soft: #9aa8a3; --line: #2c3634; --band: #1d2524;
    --accent: #4fc3b8; --accent-text: #06201e; --good: #56d364; --bad: #ff7b72; --wait: #e3b341; --code: #222b29;
    --add: #12321d; --remove: #40191b; --note: #2e2815; --note-line: #5c4f22;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
h1, h2, h3 { line-height: 1.25; margin: 0; }
h1 { font-size: 1.6rem; font-weight: 600; }
h2 { font-size: 1.05rem; margin: 0 0 .6rem; }
code, pre, .mono { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace; font-size: .87em; }
code { background: var(--code); border-radius: 4px; padding: .12em .35em; }
pre { background: var(--code); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; margin: .6rem 0; }
pre code { padding: 0; background: none; }
.banner { background: var(--note); border-bottom: 1px solid var(--note-line); font-size: .87rem; text-align: center; padding: .3rem 1rem; }
header.top { background: var(--sheet); border-bottom: 1px solid var(--line); }
.bar { max-width: 1180px; margin: 0 auto; padding: .6rem 1.25rem; display: flex; flex-wrap: wrap; gap: .4rem 1.25rem; align-items: center; }
.bar nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; flex: 1; }
.bar .brand { font-weight: 700; color: var(--text); }
.clock { display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; font-size: .9rem; }
main { max-width: 1180px; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
.soft { color: var(--soft); }
.small { font-size: .87rem; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 1.75rem; align-items: start; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 1.25rem; }
@media (max-width: 860px) { .columns { grid-template-columns: minmax(0, 1fr); } }
.box { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1.1rem; }
.box > .head { background: var(--band); border-bottom: 1px solid var(--line); border-radius: 8px 8px 0 0; padding: .5rem .9rem; display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: baseline; }
.box > .head h2 { margin: 0; }
.box > .head:last-child { border-bottom: 0; border-radius: 8px; }
.box > .body { padding: .8rem .9rem; }
.box.bot { border-color: color-mix(in srgb, var(--accent) 55%, var(--line)); }
.box.bot > .head { background: color-mix(in srgb, var(--accent) 12%, var(--band)); }
.list { list-style: none; margin: 0; padding: 0; }
.list > li { padding: .55rem .9rem; border-top: 1px solid var(--line); }
.list > li:first-child { border-top: 0; }
.state { display: inline-block; border-radius: 999px; padding: .1rem .7rem; font-size: .85rem; font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); } .done { color: var(--accent); }
.tag { font-size: .75rem; border: 1px solid var(--line); border-radius: 999px; padding: 0 .5rem; color: var(--soft); white-space: nowrap; }
.reactions { display: flex; gap: .35rem; padding: 0 .9rem .7rem; }
.reactions span { border: 1px solid var(--line); border-radius: 999px; padding: 0 .55rem; font-size: .87rem; background: var(--band); }
.markdown > :first-child { margin-top: 0; } .markdown > :last-child { margin-bottom: 0; }
.markdown h1, .markdown h2, .markdown h3, .markdown h4 { margin: 1rem 0 .4rem; font-size: 1.08rem; }
.markdown h3:first-child { margin-top: 0; }
.markdown p, .markdown ul, .markdown ol, .markdown .table, .markdown details { margin: .5rem 0; }
.markdown blockquote { margin: .6rem 0; padding: 0 .9rem; border-left: 3px solid var(--line); color: var(--soft); }
.markdown details { border: 1px solid var(--line); border-radius: 6px; padding: .35rem .7rem; }
.markdown summary { cursor: pointer; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { border: 1px solid var(--line); padding: .3rem .65rem; text-align: left; vertical-align: top; }
th { background: var(--band); font-weight: 600; white-space: nowrap; }
/* Words keep whole in tables; a table that gets too wide scrolls in its frame. */
th, td { overflow-wrap: break-word; }
.wide table { width: 100%; }
.wide td { overflow-wrap: anywhere; }
.diff { overflow-x: auto; font: .84rem/1.5 ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace; }
.diff div { white-space: pre; padding: 0 .9rem; min-width: max-content; }
.diff .plus { background: var(--add); } .diff .minus { background: var(--remove); } .diff .hunk { color: var(--soft); background: var(--band); }
textarea { width: 100%; min-height: 5.5rem; resize: vertical; }
textarea, select, button { font: inherit; color: inherit; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; padding: .4rem .7rem; }
button { cursor: pointer; background: var(--band); font-weight: 600; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-text); }
button:hover { filter: brightness(.96); }
button:focus-visible, select:focus-visible, textarea:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.clock button { padding: .1rem .6rem; font-weight: 500; }
form.row, .row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
form { margin: 0; }
.fault { border-color: var(--bad); }
`
