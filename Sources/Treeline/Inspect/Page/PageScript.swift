/// What the page of `journal stat --html` does. What comes from the journal is set as text, never as
/// markup.
enum PageScript {
  static let text = start + timeline + treemap + lists + table + finish

  private static let start = #"""
    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const byId = id => document.getElementById(id);
    function make(tag, name, text) {
      const node = document.createElement(tag);
      if (name) node.className = name;
      if (text !== undefined) node.textContent = text;
      return node;
    }
    const numbers = new Intl.NumberFormat("en");
    const count = n => numbers.format(n).replaceAll(",", "\u2009");
    function size(bytes) {
      const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
      let unit = 0;
      while (bytes >= 1024 && unit < 6) { bytes /= 1024; unit += 1; }
      return (unit && bytes < 10 ? bytes.toFixed(1) : Math.floor(bytes)) + "\u00a0" + units[unit];
    }
    const two = n => String(n).padStart(2, "0");
    function time(date, withSeconds) {
      if (isNaN(date)) return "";
      return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} `
        + `${two(date.getHours())}:${two(date.getMinutes())}` + (withSeconds ? `:${two(date.getSeconds())}` : "");
    }
    function span(s) {
      const rest = (n, unit) => n ? ` ${n} ${unit}` : "";
      if (s < 60) return `${s} s`;
      if (s < 3600) return `${Math.floor(s / 60)} min` + rest(s % 60, "s");
      if (s < 86400) return `${Math.floor(s / 3600)} h` + rest(Math.floor(s % 3600 / 60), "min");
      return `${Math.floor(s / 86400)} d` + rest(Math.floor(s % 86400 / 3600), "h");
    }

    """#

  private static let timeline = #"""
    const kinds = ["created", "written", "renamed", "removed", "other"];
    const svg = name => document.createElementNS("http://www.w3.org/2000/svg", name);
    let chosen = null;
    (function timeline() {
      const bins = data.timeline.map(bin => {
        const other = bin.changes - bin.created - bin.written - bin.renamed - bin.removed;
        return { ...bin, start: Date.parse(bin.time), other: Math.max(0, other) };
      });
      const length = data.bin_seconds * 1000;
      const chart = byId("chart");
      if (!bins.length) {
        chart.replaceWith(make("p", "none", "Nothing changed in this span after the first scan."));
        byId("legend").remove(); byId("reading").remove();
        return;
      }
      const first = bins[0].start;
      // A created file is written as well: the parts are scaled to the bar.
      const total = Math.max(1, Math.round((bins[bins.length - 1].start - first) / length) + 1);
      const most = Math.max(1, ...bins.map(bin => bin.changes));
      const high = 170;
      chart.setAttribute("viewBox", `0 0 ${total} ${high}`);
      chart.setAttribute("preserveAspectRatio", "none");
      const rect = (name, x, y, height, width) => {
        const node = svg("rect");
        node.setAttribute("class", name);
        node.setAttribute("x", x); node.setAttribute("y", y);
        node.setAttribute("width", width); node.setAttribute("height", height);
        chart.append(node);
        return node;
      };
      const cursor = rect("at", -2, 0, high, 1);
      const gap = total > 240 ? 0 : .12;
      for (const bin of bins) {
        const x = Math.round((bin.start - first) / length);
        const height = Math.max(2, bin.changes / most * (high - 4));
        const parts = kinds.reduce((sum, kind) => sum + bin[kind], 0) || 1;
        let y = high;
        for (const kind of kinds) {
          const part = bin[kind] / parts * height;
          if (part > 0) { y -= part; rect(kind, x + gap / 2, y, part, 1 - gap); }
        }
      }
      for (const kind of kinds) {
        const item = make("span");
        item.append(make("i", kind), kind);
        byId("legend").append(item);
      }
      const isShort = total * length < 7200000;
      byId("from").textContent = time(new Date(first), isShort);
      byId("to").textContent = time(new Date(first + total * length), isShort);
      byId("bin").textContent =
        `each bar is ${span(data.bin_seconds)}, the highest has ${count(most)} changes`;
      let at = -1;
      const say = () => {
        cursor.setAttribute("x", at);
        const start = first + at * length;
        const bin = bins.find(bin => Math.round((bin.start - first) / length) === at);
        const parts = bin
          ? kinds.filter(kind => bin[kind]).map(kind => `${count(bin[kind])} ${kind}`).join(", ")
          : "nothing";
        byId("reading").textContent = `${time(new Date(start), true)}: `
          + (bin ? `${count(bin.changes)} changes (${parts}) in ${count(bin.commits)} commits` : parts);
      };
      const move = place => { at = Math.max(0, Math.min(total - 1, place)); say(); };
      chart.addEventListener("mousemove", event => {
        const box = chart.getBoundingClientRect();
        move(Math.floor((event.clientX - box.left) / box.width * total));
      });
      const choose = () => {
        if (at < 0) return;
        chosen = { from: first + at * length, to: first + (at + 1) * length };
        byId("span").hidden = false;
        byId("span").textContent = `only ${time(new Date(chosen.from), true)}, ${span(data.bin_seconds)} ✕`;
        search();
      };
      chart.addEventListener("click", choose);
      chart.addEventListener("keydown", event => {
        const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
        if (event.key in steps) move(at + steps[event.key]);
        else if (event.key === "Home") move(0);
        else if (event.key === "End") move(total - 1);
        else if (event.key === "Enter" || event.key === " ") choose();
        else return;
        event.preventDefault();
      });
    })();

    """#

  private static let treemap = #"""
    const root = { name: "/", path: "", own: 0, sum: 0, inner: new Map(), above: null };
    for (const entry of data.directories) {
      let node = root;
      node.sum += entry.changes;
      for (const part of entry.path === "." ? [] : entry.path.split("/")) {
        if (!node.inner.has(part)) {
          const path = node.path ? `${node.path}/${part}` : part;
          node.inner.set(part, { name: part, path, own: 0, sum: 0, inner: new Map(), above: node });
        }
        node = node.inner.get(part);
        node.sum += entry.changes;
      }
      node.own += entry.changes;
    }
    // A directory in which only one other changed is shown with it.
    (function join(node) {
      for (const inner of node.inner.values()) join(inner);
      if (!node.above || node.own || node.inner.size !== 1) return;
      const [only] = node.inner.values();
      node.name += "/" + only.name;
      node.path = only.path; node.own = only.own; node.inner = only.inner;
      for (const inner of node.inner.values()) inner.above = node;
    })(root);
    // Squarified treemaps (Bruls, Huizing and van Wijk, 2000): rows as long as they get squarer.
    function squarify(items, box, place) {
      let rest = items.reduce((sum, item) => sum + item.value, 0);
      let start = 0;
      while (start < items.length && rest > 0) {
        const side = Math.min(box.w, box.h);
        const scale = box.w * box.h / rest;
        let end = start, sum = 0, worst = Infinity;
        while (end < items.length) {
          const next = sum + items[end].value;
          const thick = next * scale / side;
          let ratio = 0;
          for (const value of [items[start].value, items[end].value]) {
            const long = value * scale / thick;
            ratio = Math.max(ratio, long / thick, thick / long);
          }
          if (ratio > worst) break;
          worst = ratio; sum = next; end += 1;
        }
        const thick = sum * scale / side;
        let at = 0;
        for (; start < end; start += 1) {
          const long = items[start].value * scale / thick;
          place(items[start], box.w <= box.h
            ? { x: box.x + at, y: box.y, w: long, h: thick }
            : { x: box.x, y: box.y + at, w: thick, h: long });
          at += long;
        }
        box = box.w <= box.h
          ? { x: box.x, y: box.y + thick, w: box.w, h: box.h - thick }
          : { x: box.x + thick, y: box.y, w: box.w - thick, h: box.h };
        rest -= sum;
      }
    }
    // Two levels at a time: each tile is a button, those of the inner level lie above.
    function tiles(above, box, depth) {
      const items = [...above.inner.values()].map(node => ({ node, value: node.sum }));
      if (above.own) items.push({ node: null, value: above.own });
      items.sort((a, b) => b.value - a.value);
      const most = items[0].value;
      squarify(items, box, (item, box) => {
        const node = item.node;
        const isOpen = depth === 0 && node && node.inner.size && box.w > 130 && box.h > 80;
        const button = make("button", node && node.inner.size ? "inner" : "");
        button.type = "button";
        button.title = `${node ? node.path + "/" : (above.path ? above.path + "/" : "/") + ", right there"}: `
          + `${count(item.value)} changes`;
        button.setAttribute("aria-label", button.title);
        const shade = isOpen ? .1 : .14 + .46 * Math.sqrt(item.value / most);
        Object.assign(button.style, {
          left: `${box.x}px`, top: `${box.y}px`, width: `${box.w}px`, height: `${box.h}px`,
          background: `rgba(var(--tile), ${shade.toFixed(3)})`, padding: box.w < 24 || box.h < 18 ? "0" : ""
        });
        const name = node ? node.name + "/" : "right here";
        if (isOpen) button.append(make("span", "", `${name}  ${count(item.value)}`));
        else {
          if (box.w > 34 && box.h > 18) button.append(make("span", "", name));
          if (box.w > 50 && box.h > 36) button.append(make("span", "count", count(item.value)));
        }
        button.addEventListener("click", () => {
          if (node && node.inner.size) return zoom(node);
          const path = node ? node.path : above.path;
          byId("query").value = path ? path + "/" : "";
          search();
        });
        byId("map").append(button);
        if (isOpen) tiles(node, { x: box.x + 5, y: box.y + 24, w: box.w - 10, h: box.h - 29 }, 1);
      });
    }
    let shown = root;
    function draw() {
      const map = byId("map");
      map.replaceChildren();
      if (!root.sum) {
        map.style.height = "auto";
        map.append(make("p", "none", "Nothing changed in this span after the first scan."));
        return;
      }
      tiles(shown, { x: 0, y: 0, w: map.clientWidth, h: map.clientHeight }, 0);
      const crumbs = byId("crumbs");
      crumbs.replaceChildren();
      const above = [];
      for (let node = shown; node; node = node.above) above.unshift(node);
      for (const node of above) {
        const button = make("button", "", node.above ? node.name + "/" : "all");
        button.type = "button";
        button.disabled = node === shown;
        button.addEventListener("click", () => zoom(node));
        crumbs.append(button);
      }
    }
    function zoom(node) {
      shown = node;
      draw();
      const first = byId("map").querySelector("button");
      if (first) first.focus({ preventScroll: true });
    }
    byId("map").addEventListener("keydown", event => {
      if (event.key === "Escape" && shown.above) zoom(shown.above);
    });
    addEventListener("resize", draw);
    draw();

    """#

  private static let lists = #"""
    function bars(id, entries, name) {
      const list = byId(id);
      const most = Math.max(1, ...entries.map(entry => entry.changes));
      for (const entry of entries.slice(0, 15)) {
        const item = make("li");
        const number = make("span", "number", count(entry.changes));
        if (entry.error) number.title = `of these at most ${count(entry.error)} of others`;
        const text = make("span", "name path");
        const bar = make("i");
        bar.style.width = `${entry.changes / most * 100}%`;
        text.append(bar, make("span", "", name(entry)));
        item.append(number, text);
        list.append(item);
      }
    }
    bars("directories", data.directories, entry => entry.path + "/");
    bars("processes", data.processes, entry => entry.text);
    if (!data.directories.length) byId("directories").replaceWith(make("p", "none", "None."));
    if (!data.processes.length)
      byId("processes").replaceWith(make("p", "none", "Not recorded: that takes --who."));
    for (const gap of data.gaps.slice(-50).reverse()) {
      const row = make("tr");
      row.append(make("td", "time", time(new Date(gap.time), true)), make("td", "number", gap.seq),
        make("td", "op", gap.kind), make("td", "what",
          gap.text || (gap.seconds === undefined ? "" : `nothing recorded for ${span(gap.seconds)}`)));
      byId("gaps").append(row);
    }
    if (!data.gaps.length) byId("gaptable").replaceWith(make("p", "none", "None: all was seen."));

    """#

  private static let table = #"""
    const colours = { create: "created", link: "created", write: "written", attributes: "other",
      rename: "renamed", remove: "removed", unlink: "removed" };
    const lines = data.lines.map((line, place) => ({
      ...line, place, ms: Date.parse(line.time),
      text: `${line.path || ""} ${line.from || ""} ${line.op} ${line.note || ""} ${line.who || ""}`.toLowerCase()
    }));
    const perPage = 100;
    let found = lines, page = 0;
    let order = { key: "place", down: true };
    const operations = byId("operation");
    for (const op of [...new Set(lines.map(line => line.op))].sort()) {
      const option = make("option", "", op);
      option.value = op;
      operations.append(option);
    }
    function search() {
      const words = byId("query").value.toLowerCase().split(" ").filter(word => word);
      const op = operations.value;
      found = lines.filter(line => (!op || line.op === op)
        && (!chosen || line.ms >= chosen.from && line.ms < chosen.to)
        && words.every(word => line.text.includes(word)));
      const key = order.key, sign = order.down ? -1 : 1;
      found.sort((a, b) => {
        const x = a[key] ?? "", y = b[key] ?? "";
        return (x < y ? -1 : x > y ? 1 : a.place - b.place) * sign;
      });
      page = 0;
      fill();
    }
    function fill() {
      const body = byId("lines");
      body.replaceChildren();
      for (const line of found.slice(page * perPage, (page + 1) * perPage)) {
        const row = make("tr");
        const op = make("td", "op");
        op.append(make("i", colours[line.op] || "other"), line.op);
        const path = line.path === undefined ? "" : line.path;
        row.append(make("td", "number", line.seq), make("td", "time", time(new Date(line.ms), true)), op,
          make("td", "what", line.from === undefined ? path : `${line.from} → ${path}`),
          make("td", "number", line.size === undefined ? "" : size(line.size)),
          make("td", "", line.note || ""), make("td", "", line.who || ""));
        body.append(row);
      }
      const pages = Math.max(1, Math.ceil(found.length / perPage));
      byId("count").textContent = `${count(found.length)} of ${count(lines.length)} lines`;
      byId("page").textContent = `page ${page + 1} of ${pages}`;
      byId("earlier").disabled = page === 0;
      byId("later").disabled = page + 1 >= pages;
      byId("empty").hidden = found.length > 0;
      for (const head of document.querySelectorAll("th[data-key]")) {
        if (head.dataset.key === order.key)
          head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      }
    }
    byId("query").addEventListener("input", search);
    operations.addEventListener("change", search);
    byId("span").addEventListener("click", () => { chosen = null; byId("span").hidden = true; search(); });
    byId("earlier").addEventListener("click", () => { page -= 1; fill(); });
    byId("later").addEventListener("click", () => { page += 1; fill(); });
    for (const head of document.querySelectorAll("th[data-key]")) {
      head.querySelector("button").addEventListener("click", () => {
        const key = head.dataset.key;
        order = { key, down: order.key === key ? !order.down : key === "place" || key === "size" };
        search();
      });
    }
    addEventListener("keydown", event => {
      if (event.key === "/" && !["INPUT", "SELECT"].includes(document.activeElement.tagName)) {
        event.preventDefault();
        byId("query").focus();
      }
    });

    """#

  private static let finish = #"""
    const facts = [
      [count(data.commits), "commits"], [count(data.objects), "changes"],
      [count(data.created), "created"], [count(data.removed), "removed"],
      [count(data.content), "with content"], [size(data.bytes), "on the disk"],
      [data.objects ? (data.bytes_of_commits / data.objects).toFixed(1) : "–", "bytes a change"],
      [data.bytes_of_commits ? (data.plain_bytes / data.bytes_of_commits).toFixed(1) + " ×" : "–", "compressed"]
    ];
    for (const [value, name] of facts) {
      const fact = make("div");
      fact.append(make("b", "", value), make("span", "soft small", name));
      byId("facts").append(fact);
    }
    byId("span-of").textContent = data.first_time
      ? `${time(new Date(data.first_time), true)} to ${time(new Date(data.last_time), true)}, commits ${count(data.first_seq)} to ${count(data.last_seq)}`
      : "no commits";
    byId("bound").textContent = data.lines_are_all
      ? "All of the span." : `The last ${count(lines.length)} lines of the span; there are more before them.`;
    search();
    document.documentElement.dataset.ready = "yes";

    """#
}
