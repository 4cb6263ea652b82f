/// How the page of `journal stat --html` looks.
enum PageStyle {
  static let text = #"""
    :root {
      color-scheme: light dark;
      --page: #fbfaf7; --card: #ffffff; --ink: #1d1d1b; --soft: #66645e; --line: #dedbd3;
      --accent: #2b5fb8; --accent-ink: #ffffff; --hover: #f1eee6;
      --created: #2e8b57; --written: #3b6fd4; --renamed: #b5811f; --removed: #c4473d; --other: #a3a098;
      --tile: 43, 95, 184;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #161719; --card: #1e2023; --ink: #ebe9e4; --soft: #a19e96; --line: #34373c;
        --accent: #7ba7f0; --accent-ink: #10151e; --hover: #282b30;
        --created: #57b982; --written: #7ba7f0; --renamed: #d9a94a; --removed: #ea776c; --other: #76746d;
        --tile: 123, 167, 240;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
      font-variant-numeric: tabular-nums;
    }
    main { max-width: 76rem; margin: 0 auto; padding: 2.2rem 1.4rem 4rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .2rem; font-weight: 650; overflow-wrap: anywhere; }
    h2 { font-size: 1.05rem; margin: 0 0 .6rem; font-weight: 650; }
    p { margin: 0; }
    .soft { color: var(--soft); }
    .small { font-size: .85rem; }
    code, .path, td.what { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .86rem; }
    h1.path { font-size: 1.45rem; }
    section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
      padding: 1.1rem 1.2rem; margin-top: 1.2rem; }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: .9rem 1.2rem;
      margin-top: 1.3rem; }
    .facts div b { display: block; font-size: 1.35rem; font-weight: 620; line-height: 1.25; }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.2rem; }
    .pair section { min-width: 0; }
    a { color: var(--accent); }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

    #chart { width: 100%; height: 170px; display: block; border-radius: .3rem; }
    #chart .at { fill: var(--ink); opacity: .09; }
    .created { fill: var(--created); background: var(--created); }
    .written { fill: var(--written); background: var(--written); }
    .renamed { fill: var(--renamed); background: var(--renamed); }
    .removed { fill: var(--removed); background: var(--removed); }
    .other { fill: var(--other); background: var(--other); }
    .axis { display: flex; justify-content: space-between; gap: 1rem; margin-top: .3rem; }
    .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin-bottom: .6rem; }
    .legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: .15rem; margin-right: .4rem; }
    #reading { min-height: 1.5em; margin-top: .4rem; }

    #map { position: relative; height: 340px; }
    #map button { position: absolute; border: 1px solid var(--card); border-radius: .25rem; margin: 0;
      padding: .2rem .4rem; overflow: hidden; text-align: left; color: var(--ink); font: inherit;
      font-size: .8rem; line-height: 1.25; cursor: default; display: flex; flex-direction: column; }
    #map button.inner { cursor: zoom-in; }
    #map button:hover, #map button:focus-visible { z-index: 1; outline: 2px solid var(--accent); outline-offset: -2px; }
    #map span { white-space: nowrap; text-overflow: ellipsis; overflow: hidden; max-width: 100%; }
    #map .count { opacity: .8; font-size: .75rem; }
    #crumbs { display: flex; flex-wrap: wrap; gap: .15rem; margin-bottom: .5rem; align-items: center; }
    #crumbs button { border: 0; background: none; padding: .1rem .25rem; font: inherit; font-size: .9rem;
      color: var(--accent); cursor: pointer; border-radius: .2rem; }
    #crumbs button:disabled { color: var(--ink); cursor: default; opacity: 1; }

    ol.bars { list-style: none; margin: 0; padding: 0; }
    ol.bars li { display: grid; grid-template-columns: 5rem 1fr; gap: .8rem; padding: .12rem 0; align-items: baseline; }
    ol.bars .number { text-align: right; color: var(--soft); }
    ol.bars .name { position: relative; padding: 0 .4rem; overflow-wrap: anywhere; }
    ol.bars .name i { position: absolute; inset: 0 auto 0 0; background: rgba(var(--tile), .18); border-radius: .2rem; }
    ol.bars .name span { position: relative; }

    .tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin-bottom: .7rem; }
    input, select, .tools button, .pages button { font: inherit; font-size: .9rem; color: var(--ink);
      background: var(--page); border: 1px solid var(--line); border-radius: .35rem; padding: .3rem .6rem; }
    input { flex: 1 1 16rem; min-width: 0; }
    .tools button, .pages button { cursor: pointer; }
    .tools button:hover, .pages button:hover:enabled { background: var(--hover); }
    button:disabled { opacity: .45; cursor: default; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .88rem; }
    th { text-align: left; padding: 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
    th button { font: inherit; font-weight: 620; color: inherit; background: none; border: 0; padding: .3rem .6rem;
      cursor: pointer; width: 100%; text-align: inherit; border-radius: .2rem; }
    th[aria-sort] button::after { content: "\2009↑"; }
    th[aria-sort=descending] button::after { content: "\2009↓"; }
    td { padding: .2rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
    tbody tr:hover { background: var(--hover); }
    td.number, th.number { text-align: right; white-space: nowrap; }
    td.time { white-space: nowrap; }
    td.what { overflow-wrap: anywhere; min-width: 16rem; }
    td.op i { display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; margin-right: .45rem; }
    td.op { white-space: nowrap; }
    .pages { display: flex; gap: .6rem; align-items: center; margin-top: .8rem; flex-wrap: wrap; }
    .none { color: var(--soft); padding: .4rem 0; }
    noscript p { color: var(--removed); margin-top: 1rem; }
    footer { margin-top: 1.6rem; color: var(--soft); font-size: .85rem; }
    @media print { .tools, .pages { display: none; } section { break-inside: avoid; } }

    """#
}
