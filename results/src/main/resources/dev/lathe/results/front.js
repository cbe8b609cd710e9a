(function () {
  "use strict";
  /* The front for two metrics of the reader's choice, and the table beside it. */
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var section = document.getElementById("front"), numbers = document.getElementById("front-data");
  if (!section || !numbers) { return; }
  var data = JSON.parse(numbers.textContent), table = document.getElementById("networks");
  var pick = section.querySelector(".pick"), pickX = document.getElementById("pick-x"), pickY = document.getElementById("pick-y");

  function show(i, scroll) {
    all(".mark", section).concat(all("tbody tr", table)).forEach(function (e) { e.classList.toggle("on", e.getAttribute("data-i") === String(i)); });
    pick.textContent = data.front[i].words;
    var row = table.querySelector("tbody tr[data-i='" + i + "']");
    if (scroll) { if (row) { var box = row.closest(".scroll"); box.scrollTop = row.offsetTop - box.clientHeight / 2; } }
  }

  function better(m, a, b) { return data.metrics[m].max ? a > b : a < b; }

  /* Members that no other beats in one of the two metrics without losing in the other, by the first metric. */
  function ofTwo(x, y) {
    return data.front.map(function (m, i) { return i; }).filter(function (i) {
      var v = data.front[i].values;
      return !data.front.some(function (o) {
        return !better(x, v[x], o.values[x]) && !better(y, v[y], o.values[y])
          && (better(x, o.values[x], v[x]) || better(y, o.values[y], v[y]));
      });
    }).sort(function (a, b) { return data.front[a].values[x] - data.front[b].values[x]; });
  }

  function range(m) {
    var own = data.front.map(function (f) { return f.values[m]; });
    var cloud = data.cloud.map(function (c) { return c[m]; }).filter(function (v) { return v !== null; }).sort(function (a, b) { return a - b; });
    var metric = data.metrics[m];
    if (cloud.length) {
      own.push(cloud[Math.floor((metric.max ? 0.10 : 0.005) * (cloud.length - 1))], cloud[Math.floor((metric.max ? 1 : 0.98) * (cloud.length - 1))]);
    }
    if (metric.budget !== undefined) { if (!cloud.length || metric.budget < 3 * cloud[cloud.length - 1]) { own.push(metric.budget); } }
    var low = Math.min.apply(null, own), high = Math.max.apply(null, own);
    var room = high > low ? 0.05 * (high - low) : Math.max(Math.abs(high) * 0.05, 1e-9);
    return { low: low - room, high: high + room };
  }

  function step(r, wanted) {
    var raw = (r.high - r.low) / wanted, power = Math.pow(10, Math.floor(Math.log10(raw))), lead = raw / power;
    return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  }

  function draw(svg, x, y, best) {
    var box = svg.viewBox.baseVal, W = box.width, H = box.height, L = 58, R = 14, T = 14, B = 46, rx = range(x), ry = range(y);
    var px = function (v) { return L + (v - rx.low) / (rx.high - rx.low) * (W - L - R); };
    var py = function (v) { return H - B - (v - ry.low) / (ry.high - ry.low) * (H - T - B); };
    var n = function (v) { return v.toFixed(1); };
    function add(parent, name, attributes, text) {
      var e = document.createElementNS(svg.namespaceURI, name);
      Object.keys(attributes).forEach(function (k) { e.setAttribute(k, attributes[k]); });
      if (text !== undefined) { e.textContent = text; }
      parent.appendChild(e);
      return e;
    }
    while (svg.firstChild) { svg.removeChild(svg.firstChild); }
    svg.setAttribute("aria-label", "Pareto front: " + data.metrics[x].name + " against " + data.metrics[y].name);
    function ticks(r, wanted, each) {
      var s = step(r, wanted), decimals = Math.max(0, -Math.floor(Math.log10(s) + 1e-9));
      for (var i = Math.ceil(r.low / s - 1e-9); i * s <= r.high + 1e-9 * s; i++) {
        each(i * s, (i * s).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
      }
    }
    ticks(ry, Math.max(3, (H - T - B) / 55), function (v, text) {
      add(svg, "path", { "class": "grid", d: "M" + L + " " + n(py(v)) + "H" + (W - R) });
      add(svg, "text", { "class": "tick", x: L - 7, y: n(py(v) + 4), "text-anchor": "end" }, text);
    });
    ticks(rx, Math.max(3, (W - L - R) / 90), function (v, text) {
      add(svg, "path", { "class": "grid", d: "M" + n(px(v)) + " " + T + "V" + (H - B) });
      add(svg, "text", { "class": "tick", x: n(px(v)), y: H - B + 17, "text-anchor": "middle" }, text);
    });
    add(svg, "path", { "class": "axis", d: "M" + L + " " + T + "V" + (H - B) + "H" + (W - R) });
    add(svg, "text", { "class": "label", x: (L + W - R) / 2, y: H - 8, "text-anchor": "middle" }, data.metrics[x].label);
    add(svg, "text", { "class": "label", transform: "translate(14 " + (T + H - B) / 2 + ") rotate(-90)", "text-anchor": "middle" }, data.metrics[y].label);
    var hidden = 0;
    [0, 1].forEach(function (within) {
      var d = "";
      data.cloud.forEach(function (c) {
        if (c[c.length - 1] !== within || c[x] === null || c[y] === null) { return; }
        if (c[x] < rx.low || c[x] > rx.high || c[y] < ry.low || c[y] > ry.high) { hidden++; return; }
        d += "M" + n(px(c[x])) + " " + n(py(c[y])) + "h0";
      });
      add(svg, "path", { "class": "dots " + (within ? "inside" : "outside"), d: d });
    });
    add(svg, "path", { "class": "line two", d: best.map(function (i, k) {
      return (k ? "L" : "M") + n(px(data.front[i].values[x])) + " " + n(py(data.front[i].values[y]));
    }).join("") });
    var budget = data.metrics[x].budget;
    if (budget !== undefined) { if (budget >= rx.low && budget <= rx.high) {
      var right = px(budget) < W * 0.6;
      add(svg, "path", { "class": "line budget", d: "M" + n(px(budget)) + " " + T + "V" + (H - B) });
      add(svg, "text", { "class": "note", x: n(px(budget) + (right ? 6 : -6)), y: T + 12, "text-anchor": right ? "start" : "end" }, data.metrics[x].budgetText);
    } }
    budget = data.metrics[y].budget;
    if (budget !== undefined) { if (budget >= ry.low && budget <= ry.high) {
      add(svg, "path", { "class": "line budget", d: "M" + L + " " + n(py(budget)) + "H" + (W - R) });
      add(svg, "text", { "class": "note", x: W - R - 4, y: n(py(budget) - 5), "text-anchor": "end" }, data.metrics[y].budgetText);
    } }
    data.front.forEach(function (m, i) {
      var cx = px(m.values[x]), cy = py(m.values[y]);
      if (i === data.chosen) {
        add(svg, "circle", { "class": "ring", cx: n(cx), cy: n(cy), r: 10 });
        add(svg, "text", { "class": "note strong", x: n(cx + (cx < L + 80 ? 14 : -14)), y: n(cy + 5), "text-anchor": cx < L + 80 ? "start" : "end" }, "chosen");
      }
      var g = add(svg, "g", { "class": "mark m" + m.color, "data-i": i, tabindex: 0 });
      add(g, "title", {}, m.words);
      add(g, "circle", { "class": "reach", cx: n(cx), cy: n(cy), r: 11 });
      if (m.within) {
        add(g, "circle", { "class": "form", cx: n(cx), cy: n(cy), r: 6 });
      } else {
        add(g, "path", { "class": "form open", d: "M" + n(cx - 5) + " " + n(cy - 5) + "l10 10m0-10l-10 10" });
      }
    });
    return hidden;
  }

  function listen() {
    all(".mark", section).forEach(function (m) {
      var i = Number(m.getAttribute("data-i"));
      m.addEventListener("mouseenter", function () { show(i, false); });
      m.addEventListener("focus", function () { show(i, true); });
      m.addEventListener("click", function () { show(i, true); });
      m.addEventListener("keydown", function (e) {
        var forward = e.key === "ArrowRight" || e.key === "ArrowUp", back = e.key === "ArrowLeft" || e.key === "ArrowDown";
        if (!forward && !back) { return; }
        /* Left and right go through the networks in the order of the first axis. */
        var x = Number(pickX.value);
        var order = data.front.map(function (f, k) { return k; }).sort(function (a, b) { return data.front[a].values[x] - data.front[b].values[x]; });
        var next = order[Math.min(order.length - 1, Math.max(0, order.indexOf(i) + (forward ? 1 : -1)))];
        m.parentNode.querySelector(".mark[data-i='" + next + "']").focus();
        e.preventDefault();
      });
    });
  }

  function picked() {
    var x = Number(pickX.value), y = Number(pickY.value), best = ofTwo(x, y);
    all("svg.plot", section).forEach(function (svg) {
      var hidden = draw(svg, x, y, best), note = section.querySelector(".hidden");
      if (note) { if (svg.classList.contains("wide")) { note.textContent = hidden + (hidden === 1 ? " dot" : " dots"); } }
    });
    all("tbody tr", table).forEach(function (r) {
      var on = best.indexOf(Number(r.getAttribute("data-i"))) >= 0, cell = r.querySelector("td.two");
      cell.textContent = on ? "●" : "";
      cell.setAttribute("data-v", on ? 0 : 1);
    });
    window.latheTable.sort(table, data.metrics[x].column, true);
    pick.textContent = best.length + " of " + data.front.length + " networks are best for "
      + data.metrics[x].name + " and " + data.metrics[y].name + "; the table is in the order of " + data.metrics[x].name + ".";
    listen();
  }

  all("tbody tr", table).forEach(function (r) {
    r.addEventListener("click", function () { show(Number(r.getAttribute("data-i")), false); });
  });
  pickX.addEventListener("change", picked);
  pickY.addEventListener("change", picked);
  listen();
}());
