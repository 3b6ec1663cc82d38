// Draws dashboards as Grafana would lay them out, to be looked at where there is no Grafana: node dashboard_page.js FILE PICTURE.
// FILE holds a dashboard and the answers to its queries, as dashboard_pictures.py writes it. Shapes, titles, units, colours and
// values are to be judged here; fonts and the finer points of panels are not Grafana's.
"use strict";

const fs = require("node:fs");
const { chromium } = require("playwright-core");

const STYLE = `body{margin:0;background:#111217;color:#ccccdc;font:13px sans-serif;width:1600px;position:relative}
h1{font-size:18px;margin:0;padding:12px 8px 2px} p{margin:0;padding:0 8px 8px;color:#9b9ba6}
.panel{position:absolute;background:#181b1f;border:1px solid #25272e;border-radius:3px;overflow:hidden;box-sizing:border-box}
.panel>b{display:block;padding:6px 8px 2px;font-weight:500;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.row{position:absolute;font-weight:600;padding:6px 8px} .stat{display:flex;height:calc(100% - 28px);justify-content:space-around;align-items:center;flex-wrap:wrap}
.stat div{text-align:center;padding:0 6px;border-radius:3px;flex:1;align-content:center} .stat small{display:block;font-size:12px;color:#ccccdc} table{border-collapse:collapse;width:100%;font-size:12px}
td,th{text-align:left;padding:3px 8px;border-bottom:1px solid #25272e;white-space:nowrap} th{color:#6e9fff;font-weight:500} svg text{fill:#9b9ba6;font-size:11px}
.legend{font-size:11px;padding:0 8px;display:grid;grid-template-columns:auto;column-gap:14px;max-height:64px;overflow:hidden} .legend i{display:inline-block;width:10px;height:3px;margin-right:5px;vertical-align:middle}`;

// In the page.
function draw({ dashboard, answers, annotations, variables, from, to, step }) {
  const COLOURS = { green: "#73bf69", orange: "#ff9830", red: "#f2495c", blue: "#5794f2", text: "#ccccdc", transparent: "#25272e" };
  const PALETTE = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a"];
  const CELL = 1600 / 24, HEIGHT = 38, TOP = 62;
  const colour = (name) => COLOURS[name] || name;
  const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const filled = (text) => text.replace(/\$\{?(\w+)\}?/g, (whole, name) => variables[name] ?? whole);
  const rounded = (value, decimals) => decimals != null ? value.toFixed(decimals) : Number(value.toPrecision(3)).toString();

  const span = (seconds, decimals) => {
    const sizes = [["year", 31536000], ["month", 2628000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
    let left = Math.abs(seconds), words = [];
    for (const [name, size] of sizes) {
      const count = Math.floor(left / size);
      if (count || words.length) words.push(`${count} ${name}${count === 1 ? "" : "s"}`);
      left -= count * size;
      if (words.length > (decimals ?? 1)) break;
    }
    return words.filter((word) => !word.startsWith("0 ")).join(", ") || "0 seconds";
  };
  const shown = (value, unit, decimals) => {
    if (!Number.isFinite(value)) return String(value);
    const scaled = (units, base) => {
      let place = 0, size = Math.abs(value);
      while (size >= base && place < units.length - 1) { size /= base; ++place; }
      return `${rounded(Math.sign(value) * size, decimals)} ${units[place]}`.trim();
    };
    if (unit === "s") return Math.abs(value) < 1e-3 && value ? `${rounded(value * 1e6, decimals)} µs` : Math.abs(value) < 1 ? `${rounded(value * 1000, decimals)} ms` : Math.abs(value) < 60 ? `${rounded(value, decimals)} s` : `${rounded(value / 60, decimals)} mins`;
    if (unit === "percentunit") return `${rounded(value * 100, decimals)}%`;
    if (unit === "bytes") return scaled(["B", "KiB", "MiB", "GiB"], 1024);
    if (unit === "Bps") return scaled(["B/s", "kB/s", "MB/s"], 1000);
    if (unit === "d") return `${rounded(value, decimals ?? 1)} days`;
    if (unit === "cps") return `${rounded(value, decimals)} c/s`;
    if (unit === "reqps") return `${rounded(value, decimals)} req/s`;
    if (unit === "dtdurations") return span(value, decimals);
    if (unit === "dateTimeFromNow") return `${span(Date.now() / 1000 - value / 1000, 0)} ago`;
    return unit === "none" ? rounded(value, decimals) : scaled(["", "K", "Mil"], 1000);
  };
  const mapped = (settings, value) => settings.mappings?.flatMap((each) => each.options[String(value)] ?? [])[0];
  const coloured = (settings, value) => {
    const word = mapped(settings, value);
    if (word) return colour(word.color);
    return colour((settings.thresholds?.steps ?? []).filter((each) => each.value === null || value >= each.value).at(-1)?.color ?? "text");
  };
  const told = (settings, value) => mapped(settings, value)?.text ?? shown(value, settings.unit, settings.decimals);
  const named = (panel, name) => {
    const settings = structuredClone(panel.fieldConfig.defaults);
    for (const override of panel.fieldConfig.overrides.filter((each) => each.matcher.options === name)) {
      for (const { id, value } of override.properties) {
        const path = id.split(".");
        if (path.length > 1) (settings.custom ??= {})[path[1]] = value; else settings[id] = value;
      }
    }
    return settings;
  };
  const legend = (target, metric) => target.legendFormat
    ? target.legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? "")
    : Object.entries(metric).map(([name, value]) => `${name}=${value}`).join(" ");
  const series = (panel) => panel.targets.flatMap((target) => answers[panel.id][target.refId].map((each) => (
    { name: legend(target, each.metric), metric: each.metric, points: (each.values ?? [each.value]).map(([time, value]) => [time, Number(value)]) })));

  const drawers = {
    stat(panel, width, height) {
      const cells = series(panel).map((each) => {
        const settings = named(panel, each.name), value = each.points.at(-1)[1], shade = settings.color.fixedColor ? colour(settings.color.fixedColor) : coloured(settings, value);
        const text = panel.options.textMode === "name" ? each.name : told(settings, value), back = panel.options.colorMode === "background";
        const size = Math.max(12, Math.min(30, (height - 40) * 0.6, (width / Math.max(1, series(panel).length) - 16) / text.length * 1.7));
        return `<div style="font-size:${size}px;font-weight:600;${back ? `background:${shade};color:#fff;height:100%` : `color:${shade}`}">${escape(text)}</div>`;
      });
      return `<div class="stat">${cells.join("") || `<div style="font-size:26px">${panel.fieldConfig.defaults.noValue ?? "No data"}</div>`}</div>`;
    },
    timeseries(panel, width, height) {
      const defaults = panel.fieldConfig.defaults, all = series(panel), low = 72, rows = Math.min(all.length, 4);
      if (!all.length) return empty();
      const room = panel.options.legend.displayMode === "table" ? 15 * (rows + 1) : 18, bottom = height - 46 - room, sums = {};
      for (const [place, each] of all.entries()) {
        each.settings = named(panel, each.name);
        each.shade = each.settings.color.fixedColor ? colour(each.settings.color.fixedColor) : PALETTE[place % PALETTE.length];
        each.stacked = each.settings.custom.stacking.mode === "normal";
        each.drawn = each.points.map(([time, value]) => {
          const base = each.stacked ? sums[time] ?? 0 : 0;
          if (each.stacked && Number.isFinite(value)) sums[time] = base + value;
          return [time, base, base + value];
        }).filter((point) => Number.isFinite(point[2]));
      }
      const values = all.flatMap((each) => each.drawn.map((point) => point[2]));
      const least = defaults.min ?? Math.min(0, ...values), most = defaults.max ?? (Math.max(...values, least) || 1) * 1.05;
      const x = (time) => low + (time - from) / (to - from) * (width - low - 10), y = (value) => bottom - (Math.max(least, Math.min(most, value)) - least) / (most - least || 1) * (bottom - 8);
      let svg = "";
      for (let line = 0; line <= 4; ++line) {
        const value = least + (most - least) * line / 4;
        svg += `<line x1="${low}" x2="${width - 10}" y1="${y(value)}" y2="${y(value)}" stroke="#25272e"/><text x="${low - 5}" y="${y(value) + 4}" text-anchor="end">${shown(value, defaults.unit)}</text>`;
      }
      for (const each of annotations) svg += each.times.map((time) => `<rect x="${x(time)}" width="${x(from + step) - low}" y="8" height="${bottom - 8}" fill="${colour(each.colour)}" opacity="0.12"/>`).join("");
      if (defaults.custom.thresholdsStyle.mode === "dashed") {
        for (const limit of defaults.thresholds.steps) {
          if (limit.value !== null && limit.value <= most) svg += `<line x1="${low}" x2="${width - 10}" y1="${y(limit.value)}" y2="${y(limit.value)}" stroke="${colour(limit.color)}" stroke-dasharray="6 4"/>`;
        }
      }
      for (const each of all) {
        if (each.settings.custom.drawStyle === "bars") {
          svg += each.drawn.map(([time, base, top]) => `<rect x="${x(time)}" width="${Math.max(1, x(from + step) - low - 1)}" y="${y(top)}" height="${y(base) - y(top)}" fill="${each.shade}" opacity="0.8"/>`).join("");
          continue;
        }
        const path = each.drawn.map(([time, , top]) => `${x(time)},${y(top)}`).join(" L");
        const back = each.drawn.toReversed().map(([time, base]) => `${x(time)},${y(each.stacked ? base : least)}`).join(" L");
        svg += `<path d="M${path} L${back} Z" fill="${each.shade}" opacity="${each.settings.custom.fillOpacity / 100}"/><path d="M${path}" fill="none" stroke="${each.shade}" stroke-width="${each.settings.custom.lineWidth}"/>`;
      }
      const clock = (time) => new Date(time * 1000).toISOString().slice(11, 19);
      for (let mark = 0; mark <= 4; ++mark) svg += `<text x="${x(from + (to - from) * mark / 4)}" y="${bottom + 14}" text-anchor="middle">${clock(from + (to - from) * mark / 4)}</text>`;
      const calcs = { mean: (all) => all.reduce((sum, each) => sum + each, 0) / all.length, max: (all) => Math.max(...all), min: (all) => Math.min(...all), lastNotNull: (all) => all.at(-1) };
      const lines = all.map((each) => `<span><i style="background:${each.shade}"></i>${escape(each.name)}</span>` + panel.options.legend.calcs.map((name) =>
        `<span>${shown(calcs[name](each.points.map((point) => point[1]).filter(Number.isFinite)), defaults.unit, defaults.decimals)}</span>`).join(""));
      const heads = panel.options.legend.calcs.length ? ["<span></span>", ...panel.options.legend.calcs.map((name) => `<span>${name}</span>`)].join("") : "";
      return `<svg width="${width - 2}" height="${bottom + 18}">${svg}</svg><div class="legend" style="grid-template-columns:${panel.options.legend.calcs.length ? `1fr ${"90px ".repeat(panel.options.legend.calcs.length)}` : `repeat(${Math.min(6, all.length)}, max-content)`}">${heads}${lines.join("")}</div>`;
    },
    "state-timeline"(panel, width, height) {
      const all = series(panel), tall = (height - 60) / (all.length || 1), low = 230, settings = panel.fieldConfig.defaults;
      if (!all.length) return empty();
      const x = (time) => low + (time - from) / (to - from) * (width - low - 10), gap = 2.5 * step;
      let svg = "";
      all.forEach((each, place) => {
        svg += `<text x="${low - 8}" y="${10 + tall * (place + 0.5)}" text-anchor="end">${escape(each.name)}</text>`;
        let start = 0;
        for (let at = 1; at <= each.points.length; ++at) {
          if (at < each.points.length && each.points[at][1] === each.points[start][1] && each.points[at][0] - each.points[at - 1][0] < gap) continue;
          const [begin, value] = each.points[start], end = at < each.points.length ? Math.min(each.points[at][0], each.points[at - 1][0] + gap) : each.points[at - 1][0];
          svg += `<rect x="${x(begin)}" width="${Math.max(1, x(end) - x(begin))}" y="${6 + tall * place}" height="${tall * 0.85}" fill="${coloured(settings, value)}" opacity="0.8"/>`;
          if (x(end) - x(begin) > 60) svg += `<text x="${x(begin) + 5}" y="${10 + tall * (place + 0.5)}" style="fill:#fff">${escape(told(settings, value))}</text>`;
          start = at;
        }
      });
      return `<svg width="${width - 2}" height="${height - 34}">${svg}</svg>`;
    },
    heatmap(panel, width, height) {
      const bound = (each) => each.metric.le === "+Inf" ? Infinity : Number(each.metric.le);
      const buckets = series(panel).sort((one, other) => bound(one) - bound(other)), low = 62, bottom = height - 52;
      if (!buckets.length) return empty();
      const tall = (bottom - 8) / buckets.length, x = (time) => low + (time - from) / (to - from) * (width - low - 10);
      const cells = buckets.flatMap((each, place) => each.points.map(([time, value], at) => [time, place, value - (place ? buckets[place - 1].points[at]?.[1] ?? 0 : 0)]));
      const most = Math.max(...cells.map((cell) => cell[2])) || 1, wide = step / (to - from) * (width - low - 10);
      let svg = cells.filter((cell) => cell[2] > 1e-9).map(([time, place, value]) => `<rect x="${x(time)}" width="${wide}" y="${bottom - tall * (place + 1)}" height="${tall - 1}" fill="#ff9830" opacity="${Math.sqrt(value / most)}"/>`).join("");
      svg += buckets.map((each, place) => `<text x="${low - 5}" y="${bottom - tall * (place + 1) + 8}" text-anchor="end">${each.metric.le === "+Inf" ? "+Inf" : shown(Number(each.metric.le), "s")}</text>`).join("");
      return `<svg width="${width - 2}" height="${bottom + 18}">${svg}</svg>`;
    },
    table(panel, width, height) {
      const { excludeByName, indexByName, renameByName } = panel.transformations.at(-1).options, rows = new Map(), several = panel.targets.length > 1;
      const labels = Object.keys(renameByName).filter((name) => !name.startsWith("Value"));
      const wanted = panel.targets.flatMap((target) => answers[panel.id][target.refId].map((each) => ({ metric: each.metric, column: several ? `Value #${target.refId}` : "Value", value: Number(each.value[1]) })));
      for (const { metric, column, value } of wanted) {  // rows whose common labels are equal become one, as merge has it
        const fits = [...rows.values()].filter((row) => Object.keys(metric).every((name) => row[name] === undefined || row[name] === metric[name]) && row[column] === undefined);
        for (const row of fits.length ? fits : [{}]) { Object.assign(row, metric, { [column]: value }); rows.set(row, row); }
      }
      const columns = Object.keys(indexByName).filter((name) => !excludeByName[name]).sort((one, other) => indexByName[one] - indexByName[other]);
      const sort = panel.options.sortBy[0], by = sort && Object.keys(renameByName).find((name) => renameByName[name] === sort.displayName);
      const sorted = [...rows.values()].sort((one, other) => by ? (sort.desc ? -1 : 1) * ((one[by] ?? 0) - (other[by] ?? 0)) : 0);
      const cell = (row, name) => {
        const settings = named(panel, renameByName[name]), value = row[name];
        if (settings.custom.hidden) return "";
        if (value === undefined) return `<td>${settings.noValue ?? ""}</td>`;
        if (labels.includes(name)) return `<td${settings.links ? ' style="text-decoration:underline"' : ""}>${escape(value)}</td>`;
        const kind = settings.custom.cellOptions.type, shade = coloured(settings, value);
        return `<td style="${kind === "color-background" ? `background:${shade};color:#fff` : kind === "color-text" ? `color:${shade}` : ""}">${escape(told(settings, value))}</td>`;
      };
      if (!sorted.length) return empty();
      const heads = columns.filter((name) => !named(panel, renameByName[name]).custom.hidden).map((name) => `<th>${escape(renameByName[name] ?? name)}</th>`);
      return `<table><tr>${heads.join("")}</tr>${sorted.map((row) => `<tr>${columns.map((name) => cell(row, name)).join("")}</tr>`).join("")}</table>`;
    },
  };
  const empty = () => '<div class="stat"><div data-empty>No data</div></div>';

  const links = dashboard.links.map((link) => `[${link.title}]`).join(" "), choices = dashboard.templating.list.map((each) => `${each.label}: ${each.current?.text !== undefined && variables[each.name] === undefined ? each.current.text : variables[each.name]}`);
  let page = `<h1>${escape(dashboard.title)}</h1><p>${escape(choices.join("   ·   "))}   ·   ${links}</p>`, bottom = 0;
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos, width = w * CELL - 8, height = h * HEIGHT - 8, place = `left:${x * CELL + 4}px;top:${TOP + y * HEIGHT}px;width:${width}px;height:${height}px`;
    bottom = Math.max(bottom, TOP + (y + h) * HEIGHT);
    page += panel.type === "row" ? `<div class="row" style="${place}">▾ ${escape(filled(panel.title))}</div>`
      : `<div class="panel" data-kind="${panel.type}" style="${place}"><b>${escape(filled(panel.title))}</b>${drawers[panel.type](panel, width, height)}</div>`;
  }
  document.body.innerHTML = page;
  document.body.style.height = `${bottom + 8}px`;
}

(async () => {
  const [file, picture] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
    await page.setContent(`<style>${STYLE}</style><body></body>`);
    await page.evaluate(draw, JSON.parse(fs.readFileSync(file, "utf8")));
    await page.screenshot({ path: picture, fullPage: true });
    const panels = await page.locator(".panel").count(), empty = await page.locator("[data-empty]").count();
    console.log(`${picture}: ${panels} panels, ${empty} of them without data`);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
