const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442']

/** The style of the page: light, dark, narrow and printed. */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--track:#eaeef2;--mark:#0072b2;--bad:#b3261e;--beyond:#d55e00}
@media (prefers-color-scheme:dark){:root{--page:#14181d;--text:#e6edf3;--soft:#9aa5b1;--line:#3a424c;--track:#262d35;--mark:#56b4e9;--bad:#ff8a80;--beyond:#e69f00}}
@media print{:root{color-scheme:light;--page:#fff;--text:#000;--soft:#444;--line:#bbb;--track:#eee;--mark:#0072b2;--bad:#b3261e;--beyond:#d55e00}details::details-content{content-visibility:visible;display:block;block-size:auto}summary{display:none}table.many{font-size:.6rem}section{break-inside:auto}svg,tr,li{break-inside:avoid}h2{break-after:avoid}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem}
.note,.head,.state,caption,dt{color:var(--soft);font-size:.875rem}
.picture{display:block;overflow:hidden}
.picture text{fill:var(--text);font-size:13px;paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}.picture .axis{fill:var(--soft);font-size:12px}.picture .name{font-weight:600}
.grid{stroke:var(--line)}.segment{stroke:var(--page)}.stroke{stroke:#fff;stroke-width:1.5;fill:none}
.whisker{stroke:var(--text);stroke-width:2}.dot{fill:var(--mark);stroke:var(--text);stroke-width:1.5}.dot.hollow{fill:var(--page)}
.beyond{fill:var(--beyond);opacity:.15}.tolerance{stroke:var(--beyond);stroke-width:2;stroke-dasharray:4 3}
.track{fill:var(--track)}.bar{fill:var(--mark)}.bar.alarm{fill:var(--bad)}
${COLOURS.map((colour, i) => `.colour-${i}{fill:${colour}}`).join('')}
ul{list-style:none;padding:0;margin:.5rem 0}
.standings li{padding:.6rem 0;border-top:1px solid var(--line)}.sentence{display:block}
.badge{display:inline-block;border:1px solid currentColor;border-radius:.25rem;padding:0 .4rem;font-size:.8rem;font-weight:600}
.badge.alarm,.badge.breached{color:var(--bad)}.badge.alarm{border-width:3px}
.swatch{vertical-align:-2px}.legend li{padding-left:1.4rem;text-indent:-1.4rem}.figure{color:var(--soft)}
dl{display:grid;gap:.25rem;margin:.5rem 0}dl div{display:grid;grid-template-columns:12rem 1fr;gap:.5rem}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.8rem}caption{text-align:left}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem .3rem 0;border-bottom:1px solid var(--line)}td,thead th{overflow-wrap:break-word}thead th.long{overflow-wrap:anywhere}tbody th{min-width:8rem}
@media (max-width:44rem){dl div{grid-template-columns:1fr;gap:0}}
@media screen and (max-width:62rem){.many thead{display:none}.many,.many tbody,.many tr,.many th,.many td,.many caption{display:block}.many td,.many th{border:0;padding:.1rem 0}.many td{overflow-wrap:anywhere}.many td::before{content:attr(data-label) ": ";color:var(--soft)}.many tr{border-bottom:1px solid var(--line);padding:.4rem 0}}
`
