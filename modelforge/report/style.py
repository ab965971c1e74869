"""The looks of a page, light and dark, without anything fetched from elsewhere."""

CSS = """
:root { color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --quiet: #68707b; --rule: #e4e2dd;
  --train: #8a6d1f; --validation: #1f6feb; --right: #1a7f4b; --wrong: #c93a2b; --shade: #f3f1ec; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171b; --card: #1b1f25; --ink: #e4e7eb; --quiet: #929ba7; --rule: #2c323a;
  --train: #d9b75a; --validation: #6cb0ff; --right: #43c07f; --wrong: #ff7b6b; --shade: #232932; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em;
  overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 14px; margin: 20px 0 8px; color: var(--quiet); font-weight: 600; }
p.lead, .note { color: var(--quiet); margin: 0 0 8px; }
.state { display: inline-block; padding: 1px 10px; border-radius: 99px; font-size: 13px;
  background: var(--shade); color: var(--quiet); }
.state.finished { background: color-mix(in srgb, var(--right) 15%, transparent);
  color: var(--right); }
.state.failed, .state.diverged { background: color-mix(in srgb, var(--wrong) 15%, transparent);
  color: var(--wrong); }
.cards { display: grid; gap: 12px; margin: 24px 0 0;
  grid-template-columns: repeat(auto-fill, minmax(165px, 1fr)); }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 12px 16px; }
.card b { display: block; font-size: 24px; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.card span { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
.charts { display: grid; gap: 16px;
  grid-template-columns: repeat(auto-fill, minmax(min(440px, 100%), 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 14px 16px 8px; min-width: 0; }
figcaption { font-size: 14px; display: flex; flex-wrap: wrap; gap: 2px 10px; align-items: baseline;
  overflow-wrap: anywhere; }
figcaption small { color: var(--quiet); }
svg { display: block; width: 100%; height: auto; }
.legend { margin-left: auto; font-size: 13px; color: var(--quiet); white-space: nowrap; }
.key { margin-left: 14px; }
.key::before { content: ""; display: inline-block; width: 14px; height: 3px; margin-right: 6px;
  border-radius: 2px; vertical-align: middle; background: currentColor; }
.key.train::before { background: var(--train); }
.key.validation::before { background: var(--validation); }
svg text { fill: var(--quiet); font-size: 11px; font-variant-numeric: tabular-nums; }
svg .end { text-anchor: end; } svg .mid { text-anchor: middle; }
svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .axis { stroke: var(--quiet); stroke-width: 1; opacity: .6; }
svg .best { stroke: var(--quiet); stroke-width: 1.2; stroke-dasharray: 3 3; }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .train .line { stroke: var(--train); } svg .train circle { fill: var(--train); }
svg .validation .line { stroke: var(--validation); }
svg .validation circle { fill: var(--validation); }
svg circle { stroke: transparent; stroke-width: 10; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; vertical-align: top; }
.pairs th { color: var(--quiet); padding: 3px 20px 3px 0; white-space: nowrap; }
.pairs td { padding: 3px 0; overflow-wrap: anywhere; }
.scores td { text-align: right; padding: 4px 0 4px 16px; }
.scores th { padding: 4px 0; min-width: 84px; overflow-wrap: break-word; }
.scores thead td, .scores thead th { color: var(--quiet); border-bottom: 1px solid var(--rule); }
.bar { display: inline-block; width: 64px; text-align: right; padding: 0 4px; border-radius: 3px;
  background: linear-gradient(to right,
    color-mix(in srgb, var(--validation) 22%, transparent) var(--v), transparent var(--v)); }
.scores .average th { color: var(--quiet); white-space: nowrap; padding-right: 8px; }
.scores tr:not(.average) + .average :is(td, th) { border-top: 1px solid var(--rule); }
.scores thead td { white-space: nowrap; }
.wide { overflow-x: auto; }
.confusion td { min-width: 33px; padding: 5px 5px; text-align: center;
  border: 1px solid var(--rule); }
.confusion th { padding: 5px 12px 5px 0; color: var(--quiet); white-space: nowrap; }
.confusion thead th { white-space: normal; max-width: 84px; font-size: 12px; line-height: 1.3; }
.confusion thead td { border: 0; color: var(--quiet); vertical-align: bottom; }
.confusion.upright thead td { writing-mode: vertical-rl; transform: rotate(180deg);
  text-align: left; padding: 5px 8px; }
.confusion td.right { background: color-mix(in srgb, var(--right) calc(var(--s, 0%) * .55),
  transparent); }
.confusion td.wrong { background: color-mix(in srgb, var(--wrong) min(var(--s, 0%) * 1.8, 70%),
  transparent); }
.columns { display: grid; gap: 0 40px;
  grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); }
.columns > * { min-width: 0; }
details { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 10px 16px; }
summary { cursor: pointer; color: var(--quiet); }
pre { margin: 10px 0 4px; overflow-x: auto; font: 13px/1.5 ui-monospace, "SF Mono", Menlo,
  Consolas, monospace; }
footer { margin-top: 48px; color: var(--quiet); font-size: 13px; }
"""
