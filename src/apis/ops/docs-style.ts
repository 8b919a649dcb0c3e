// How the page of the description looks: in light and dark, on a desk and on a phone.

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2128; --faint: #59636e; --line: #d6dce2; --shade: #f4f6f8;
  --link: #0a58b5; --get: #0a58b5; --post: #1a6b34; --put: #875200; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #dfe5eb; --faint: #98a3ae; --line: #333b44; --shade: #1d232a;
    --link: #79b4ff; --get: #79b4ff; --post: #6fce8b; --put: #e3b15c; --delete: #ff948a;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 78rem; padding: 0 1.25rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: break-word;
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
header { padding: 2rem 0 .5rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h1 small { color: var(--faint); font-size: 1rem; font-weight: 400; margin-left: .5rem; }
h2 { margin: 3.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.45rem; }
h3 { margin: 0 0 .25rem; font-size: 1.15rem; }
h3 a { color: inherit; }
h4 { margin: 1.25rem 0 .25rem; font-size: .8rem; letter-spacing: .05em; text-transform: uppercase; color: var(--faint); }
p, ul { margin: .5rem 0; }
ul { padding-left: 1.25rem; }
code, pre { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { overflow-wrap: anywhere; }
p code, li code, td code { background: var(--shade); border-radius: .25rem; padding: .1em .3em; }
pre {
  margin: .5rem 0; padding: .75rem 1rem; border-radius: .4rem; background: var(--shade);
  white-space: pre-wrap; overflow-wrap: anywhere;
}
pre + pre { border-left: 3px solid var(--line); }
article { margin: 2.25rem 0 3rem; }
.route { margin: .25rem 0; }
.route code { font-size: .95rem; }
.method { display: inline-block; min-width: 3.6rem; font-weight: 700; font-size: .85rem; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .delete { color: var(--delete); }
.faint, .faint code { color: var(--faint); font-size: .9rem; }
td .faint code { background: none; padding: 0; font-size: .82rem; }
td p:empty { display: none; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
td { padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); vertical-align: top; }
td:first-child { width: 15rem; }
.answers td:first-child { width: 4rem; font-weight: 700; }
td p, td ul { margin: 0; }
td ul { padding-left: 1rem; }
details { border-top: 1px solid var(--line); padding: .4rem 0; }
summary { cursor: pointer; }
summary span { color: var(--faint); font-size: .9rem; }
nav { font-size: .93rem; }
nav ul { list-style: none; padding: 0; margin: 0 0 .5rem; }
nav li { padding: .1rem 0; }
nav li a { color: var(--ink); }
@media (min-width: 60rem) {
  .sides { display: grid; grid-template-columns: 16rem minmax(0, 1fr); gap: 3rem; }
  nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; padding: 1.5rem 0; }
  main > section:first-child h2 { margin-top: 1rem; border-top: 0; }
}
@media (max-width: 59.99rem) {
  nav ul { display: none; }
  nav > a { display: inline-block; margin: 0 1rem .25rem 0; }
}
@media (max-width: 40rem) {
  td { display: block; width: auto; padding-right: 0; }
  td:first-child { width: auto; padding-bottom: 0; }
  td + td { border-top: 0; padding-top: .15rem; }
}
@media print { nav { display: none; } }
`;
