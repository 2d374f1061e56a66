/* Everything a page does beyond showing its numbers: language, theme, definitions, tables, charts. */
(function () {
  "use strict";
  var root = document.documentElement;
  var tags = { zh: "zh-CN", en: "en" };
  function language() { return root.getAttribute("lang").slice(0, 2) === "en" ? "en" : "zh"; }
  function remember(key, value) {
    try { window.localStorage.setItem("groupfunnel." + key, value); } catch (error) { /* private mode */ }
  }
  function canRemember() {
    try { return !!window.localStorage; } catch (error) { return false; }
  }
  function all(selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); }

  /* a single file says a tooltip once that many cells have */
  (window.groupfunnelTitles || []).forEach(function (told, at) {
    all('[data-t="' + at + '"]').forEach(function (node) {
      node.title = told[language() === "en" ? 1 : 0];
      node.setAttribute("data-zh-title", told[0]);
      node.setAttribute("data-en-title", told[1]);
    });
  });

  /* --- language: spans are switched by the style sheet, attributes and titles here */
  function translate() {
    var now = language();
    all("[data-zh]").forEach(function (node) { node.textContent = node.getAttribute("data-" + now); });
    ["title", "aria-label", "placeholder"].forEach(function (name) {
      all("[data-zh-" + name + "]").forEach(function (node) {
        node.setAttribute(name, node.getAttribute("data-" + now + "-" + name));
      });
    });
  }
  /* a language asked for in the address, or one that cannot be remembered, goes along with the links */
  function carry() {
    if (canRemember() && !/[?&]lang=/.test(window.location.search)) return;
    all("a[href]").forEach(function (link) {
      var parts = /^([^?#:]*\.html)(?:\?[^#]*)?(#.*)?$/.exec(link.getAttribute("href"));
      if (parts) link.setAttribute("href", parts[1] + "?lang=" + language() + (parts[2] || ""));
    });
  }
  var button = document.getElementById("switch-language");
  if (button) button.addEventListener("click", function () {
    var next = language() === "zh" ? "en" : "zh";
    root.setAttribute("lang", tags[next]);
    remember("language", next);
    translate();
    carry();
    reach();
    redraw();
  });
  translate();
  carry();

  /* --- theme: automatic, light, dark */
  var themes = ["auto", "light", "dark"];
  document.getElementById("switch-theme").addEventListener("click", function () {
    var next = themes[(themes.indexOf(root.getAttribute("data-theme")) + 1) % themes.length];
    root.setAttribute("data-theme", next);
    remember("theme", next);
    redraw();
  });
  if (window.matchMedia) {
    var scheme = window.matchMedia("(prefers-color-scheme: dark)");
    if (scheme.addEventListener) scheme.addEventListener("change", function () { redraw(); });
  }

  /* --- definitions */
  var tip = document.getElementById("definition");
  var owner = null;
  function say(tag, text, kind) {
    var node = document.createElement(tag);
    node.textContent = text;
    if (kind) node.className = kind;
    tip.appendChild(node);
  }
  function show(link) {
    var entry = (window.groupfunnelDefinitions || {})[link.getAttribute("data-def")];
    if (!entry) return;
    var words = entry[language()];
    tip.textContent = "";
    say("b", words[0]);
    say("p", words[1]);
    say("p", (language() === "zh" ? "窗口：" : "Window: ") + words[2], "src");
    say("p", entry.sql, "src");
    tip.hidden = false;
    var box = link.getBoundingClientRect();
    var left = Math.max(16, Math.min(box.left, root.clientWidth - tip.offsetWidth - 16));
    var above = box.bottom + 8 + tip.offsetHeight > window.innerHeight && box.top > tip.offsetHeight + 8;
    tip.style.left = left + window.pageXOffset + "px";
    tip.style.top = (above ? box.top - tip.offsetHeight - 8 : box.bottom + 8) + window.pageYOffset + "px";
    link.setAttribute("aria-describedby", "definition");
    owner = link;
  }
  function hide() {
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
    tip.hidden = true;
  }
  function termOf(event) { return event.target.closest ? event.target.closest(".term") : null; }
  document.addEventListener("pointerover", function (event) {
    if (event.pointerType !== "mouse") return;
    var link = termOf(event);
    if (link) show(link); else if (owner && !event.target.closest("#definition")) hide();
  });
  document.addEventListener("focusin", function (event) {
    var link = termOf(event);
    if (link && link.matches(":focus-visible")) show(link); else if (!link) hide();
  });
  document.addEventListener("click", function (event) {
    var link = termOf(event);
    if (!link) { if (!event.target.closest("#definition")) hide(); return; }
    if (window.matchMedia && window.matchMedia("(hover: none)").matches && owner !== link) {
      event.preventDefault();
      show(link);
    }
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") hide(); });

  /* --- tables out, where there is no folder with their files: the same bytes as csv_files.py writes */
  function told(node, other) {
    var copy = node.cloneNode(true);
    all("span[lang|='" + other + "']", copy).forEach(function (span) { span.parentNode.removeChild(span); });
    all("br", copy).forEach(function (line) { line.parentNode.replaceChild(document.createTextNode(" "), line); });
    return copy.textContent.replace(/\s+/g, " ").trim();
  }
  function csvText(node) {
    if (node.classList.contains("open") || node.classList.contains("null")) return "";
    var zh = told(node, "en"), en = told(node, "zh"), titled = node.querySelector("[title]:not(span):not(br)");
    var said = node.getAttribute("data-v") || (zh === en ? zh : zh + " / " + en);
    return said === "—" ? "" : said || (titled ? titled.getAttribute("data-zh-title") || titled.title : "");
  }
  function csvCell(text, isData) {
    var isNumber = isData && /^[-+]?[\d.,]+(e[-+]?\d+)?$/i.test(text);
    if (/^[=+\-@\t\r]/.test(text) && !isNumber) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function csvOf(table) {
    var rows = table.allRows ? all("thead tr", table).concat(table.allRows()) : all("tr", table);
    return "\ufeff" + rows.map(function (row) {
      var cells = [];
      all("th, td", row).forEach(function (cell) {
        cells.push(csvCell(csvText(cell), cell.tagName === "TD" && !!cell.getAttribute("data-v")));
        for (var more = 1; more < cell.colSpan; more += 1) cells.push("");
      });
      return (cells.length === 1 && !cells[0] ? '""' : cells.join(",")) + "\r\n";
    }).join("");
  }
  window.groupfunnelCsv = csvOf;
  all("button[data-csv]").forEach(function (node) {
    node.addEventListener("click", function () {
      var before = node.parentNode.previousElementSibling;
      var table = node.classList.contains("csvlink") ? document.querySelector("table.league")
        : before.tagName === "TABLE" ? before : before.querySelector("table");
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv" }));
      link.download = node.getAttribute("data-csv");
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
  });

  /* --- the league table: all rows are searched, filtered and sorted; only some are laid out at a time */
  function unpack(data) {
    return data.rows.map(function (row) {
      return row.replace(/[\ue000-\uf8ff]/g, function (sign) { return data.pieces[sign.charCodeAt(0) - 0xe000]; });
    }).join("");
  }
  function league(table) {
    var STEP = 150;
    var body = table.tBodies[0];
    var rows = all("tr", body);
    if (window.groupfunnelRows) {
      var rest = document.createElement("tbody");
      rest.innerHTML = unpack(window.groupfunnelRows);
      rows = rows.concat(all("tr", rest));
    }
    var search = document.getElementById("league-search");
    var filters = all("select[data-filter]");
    var count = document.getElementById("league-count");
    var more = document.getElementById("league-more");
    var collator = new Intl.Collator("zh");
    table.allRows = function () { return rows; };
    var fitting = rows, shown = STEP, drawn = false;
    function show() {
      var part = document.createDocumentFragment();
      fitting.slice(0, shown).forEach(function (row) { part.appendChild(row); });
      body.textContent = "";
      body.appendChild(part);
      count.textContent = String(fitting.length);
      if (more) more.hidden = fitting.length <= shown;
      if (drawn) { translate(); reach(); }
      drawn = true;
    }
    /* a name, an owner and an id are found; the page says each of them once */
    rows.forEach(function (row) {
      row.leagueText = (row.cells[0].textContent + " " + row.getAttribute("data-owner")).toLowerCase() + " " + row.getAttribute("data-search");
    });
    function filter() {
      var wanted = search.value.trim().toLowerCase();
      fitting = rows.filter(function (row) {
        return (!wanted || row.leagueText.indexOf(wanted) >= 0) && filters.every(function (select) {
          return !select.value || row.getAttribute("data-" + select.getAttribute("data-filter")) === select.value;
        });
      });
      shown = STEP;
      show();
    }
    search.addEventListener("input", filter);
    filters.forEach(function (select) { select.addEventListener("change", filter); });
    if (more) more.addEventListener("click", function () { shown += STEP; show(); });
    function key(row, column) {
      var cell = row.cells[column];
      var value = cell.tagName === "TH" ? cell.textContent : cell.getAttribute("data-v");
      if (value === null) return null;
      return value === "" || isNaN(Number(value)) ? value : Number(value);
    }
    function compare(a, b, up) {
      if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
      var order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
      return up ? order : -order;
    }
    all("th[data-sort]", table).forEach(function (head) {
      head.tabIndex = 0;
      function sort(event) {
        if (event.type === "keydown" && event.key !== "Enter") return;
        if (event.target.closest(".term") && event.type === "click") event.preventDefault();
        var up = head.getAttribute("aria-sort") === "descending";
        all("th[aria-sort]", table).forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        rows = rows.map(function (row) { return [key(row, head.cellIndex), row]; })
          .sort(function (left, right) { return compare(left[0], right[0], up); })
          .map(function (pair) { return pair[1]; });
        filter();
      }
      head.addEventListener("click", sort);
      head.addEventListener("keydown", sort);
    });
    filter();
  }
  var groups = document.getElementById("league-table");
  if (groups) league(groups);

  /* --- all pages in one file: the address says which is shown */
  function turn() {
    var node = document.getElementById(window.location.hash.slice(1)) || document.getElementById("p-index");
    var page = node && node.closest(".page");
    if (!page) return;
    var own = page.id.indexOf("p-groups-") === 0 ? "p-groups" : page.id;
    all(".top nav a").forEach(function (link) {
      if (link.getAttribute("href") === "#" + own) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    });
    hide();
    reach();
    if (node === page) window.scrollTo(0, 0);
  }
  if (root.hasAttribute("data-single")) {
    turn();
    window.addEventListener("hashchange", turn);
  }

  /* --- on a phone the pages' own place in the bar is in view */
  var current = document.querySelector(".top nav [aria-current]");
  if (current) current.parentNode.scrollLeft = current.offsetLeft - current.parentNode.offsetLeft - 48;

  /* --- wide tables of weeks open at their newest end */
  all("table.strip").forEach(function (table) { table.parentNode.scrollLeft = table.parentNode.scrollWidth; });

  /* --- what scrolls sideways can be scrolled by keyboard */
  function reach() {
    all(".scroll").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
    });
  }
  reach();
  window.addEventListener("resize", reach);
  all("details").forEach(function (node) { node.addEventListener("toggle", reach); });

  /* --- charts: drawn when they come into view, in the page's own colours */
  var drawn = [];
  function colours() {
    var style = getComputedStyle(root);
    function read(name) { return style.getPropertyValue("--" + name).trim(); }
    var found = { main: read("main"), muted: read("muted"), attention: read("attention"), ink: read("ink"), line: read("line"),
      card: read("card"), c1: read("c1"), c2: read("c2"), c3: read("c3"), c4: read("c4"), c5: read("c5"), c6: read("c6"), c7: read("c7") };
    found.soft = "rgba(" + read("main-rgb") + ", 0.28)";
    found.band = "rgba(" + read("main-rgb") + ", 0.13)";
    found.font = read("font");
    return found;
  }
  function themed(source, width) {
    var figure = JSON.parse(source);
    var colour = colours();
    var now = language();
    figure.data.forEach(function (trace) {
      var meta = trace.meta || {};
      var own = colour[meta.role] || colour.main;
      if (meta[now]) trace.name = meta[now];
      if (meta.role === "open") {
        trace.marker = { color: "rgba(0,0,0,0)", line: { width: 0 }, pattern: { shape: "/", size: 6, solidity: 0.12, fgcolor: colour.main } };
        return;
      }
      if (meta.role === "band") {
        trace.line = { width: 0 };
        trace.mode = "lines";
        trace.fillcolor = colour.band;
        return;
      }
      trace.marker = Object.assign({ color: own, line: { width: 0 } }, trace.marker || {});
      if (trace.type === "bar" && trace.error_y) Object.assign(trace.error_y, { color: colour.ink, thickness: 1, width: 3 });
      if (trace.type === "scatter") {
        trace.line = Object.assign({ color: own, width: 2 }, trace.line || {});
        trace.marker.size = trace.marker.size || 5;
      }
    });
    var axis = { gridcolor: colour.line, linecolor: colour.line, zerolinecolor: colour.line, tickfont: { color: colour.muted, size: 12 },
      title: { font: { color: colour.muted, size: 12 } }, automargin: true, fixedrange: true };
    var given = figure.layout;
    var longest = figure.data.reduce(function (most, trace) {
      return trace.x.reduce(function (length, value) { return Math.max(length, String(value).length); }, most);
    }, 1);
    wholeTicks(figure);
    if (given.meta && given.meta.wan && now === "zh") inWan(figure);
    figure.layout = Object.assign({}, given, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      font: { family: colour.font, size: 13, color: colour.muted },
      margin: { l: 8, r: 8, t: figure.data.length > 1 ? 30 : 10, b: 8 },
      hoverlabel: { bgcolor: colour.card, bordercolor: colour.line, font: { color: colour.ink, size: 13, family: colour.font } },
      hovermode: given.hovermode || "x unified", bargap: 0.35, dragmode: false, separators: ".,",
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: colour.muted, size: 12 }, itemclick: false, itemdoubleclick: false },
      xaxis: Object.assign({}, axis, { showgrid: false, type: "category", nticks: Math.max(2, Math.floor((width - 56) / (longest * 7 + 20))), tickangle: 0 }, given.xaxis || {}),
      yaxis: Object.assign({}, axis, { showline: false, nticks: 5, rangemode: "tozero" }, given.yaxis || {})
    });
    ["xaxis", "yaxis"].forEach(function (name) {
      var axisOf = figure.layout[name];
      if (given.meta && given.meta[name]) axisOf.title = Object.assign({}, axis.title, { text: given.meta[name][now], standoff: 8 });
    });
    return figure;
  }
  /* counts of a handful: ticks at whole numbers, each once */
  function wholeTicks(figure) {
    var axis = figure.layout.yaxis || {};
    if (axis.tickformat !== ",d") return;
    var sums = {};
    figure.data.forEach(function (trace) {
      trace.y.forEach(function (value, index) {
        var key = trace.x[index] + (value < 0 ? "-" : "+");
        sums[key] = (sums[key] || 0) + Math.abs(value || 0);
      });
    });
    var top = Object.keys(sums).reduce(function (most, key) { return Math.max(most, sums[key]); }, 0);
    if (top <= 5) figure.layout.yaxis = Object.assign({}, axis, { dtick: 1 });
  }
  function inWan(figure) {
    var top = 0;
    figure.data.forEach(function (trace) {
      trace.y.forEach(function (value) { top = Math.max(top, Math.abs(value || 0)); });
    });
    if (top < 10000) return;
    figure.data.forEach(function (trace) {
      trace.y = trace.y.map(function (value) { return value === null ? null : value / 10000; });
    });
    figure.layout.yaxis = Object.assign({}, figure.layout.yaxis, { ticksuffix: "万", labelalias: zeroAlias(figure), tickformat: ",.4~f", hoverformat: ",.2f" });
  }
  function zeroAlias(figure) {
    var prefix = (figure.layout.yaxis || {}).tickprefix || "";
    var alias = {};
    alias[prefix + "0万"] = prefix + "0";
    return alias;
  }
  function draw(node) {
    if (!window.Plotly) return;
    var source = document.getElementById(node.getAttribute("data-figure")).textContent;
    var figure = themed(source, onPaper || node.clientWidth);
    if (onPaper) Object.assign(figure.layout, { autosize: false, width: onPaper, height: node.clientHeight });
    window.Plotly.react(node, figure.data, figure.layout, figure.config);
    if (drawn.indexOf(node) < 0) drawn.push(node);
  }
  function redraw() { drawn.forEach(draw); }
  function start() {
    var plots = all(".plot");
    if (!("IntersectionObserver" in window)) { plots.forEach(draw); return; }
    var watcher = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) { watcher.unobserve(entry.target); draw(entry.target); }
      });
    }, { rootMargin: "200px" });
    plots.forEach(function (node) { watcher.observe(node); });
  }
  /* paper is light and A4 wide (210 mm without the margins of the style sheet), and everything is in view */
  var screenTheme = null, onPaper = 0, PAPER = 688;
  window.addEventListener("beforeprint", function () {
    screenTheme = root.getAttribute("data-theme");
    onPaper = PAPER;
    root.setAttribute("data-theme", "light");
    all(".plot").forEach(draw);
  });
  window.addEventListener("afterprint", function () {
    root.setAttribute("data-theme", screenTheme);
    onPaper = 0;
    redraw();
  });
  window.addEventListener("load", start);
})();
