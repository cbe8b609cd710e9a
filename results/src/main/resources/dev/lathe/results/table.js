(function () {
  "use strict";
  /* Every table: a heading sorts its column; a button with data-file gives the table of its card as CSV. */
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  function sort(table, column, up) {
    var row = table.querySelector("thead tr"), body = table.querySelector("tbody");
    all("th", row).forEach(function (h, i) {
      if (i === column) { h.setAttribute("aria-sort", up ? "ascending" : "descending"); } else { h.removeAttribute("aria-sort"); }
    });
    var cell = function (r) { return r.children[column]; };
    var compare = function (a, b) {
      var x = parseFloat(cell(a).getAttribute("data-v")), y = parseFloat(cell(b).getAttribute("data-v"));
      return isNaN(x) || isNaN(y) ? cell(a).textContent.localeCompare(cell(b).textContent) : x - y;
    };
    all("tr", body).sort(function (a, b) { return up ? compare(a, b) : compare(b, a); })
      .forEach(function (r) { body.appendChild(r); });
  }
  function field(text) {
    /* A spreadsheet must not take a name for a formula. */
    if (/^[=+@\-\t\r]/.test(text)) { if (isNaN(Number(text))) { text = "'" + text; } }
    return "\"" + text.replace(/"/g, "\"\"") + "\"";
  }
  function csv(table) {
    return all("tr", table).map(function (r) {
      return Array.prototype.map.call(r.children, function (c) {
        var v = c.getAttribute("data-v");
        return v === null || c.hasAttribute("data-text") ? field(c.textContent) : v === "1e300" ? "" : v;
      }).join(",");
    }).join("\n") + "\n";
  }
  all("th button").forEach(function (button) {
    button.addEventListener("click", function () {
      var th = button.parentNode;
      sort(th.closest("table"), Array.prototype.indexOf.call(th.parentNode.children, th), th.getAttribute("aria-sort") !== "ascending");
    });
  });
  all("button.download").forEach(function (button) {
    button.addEventListener("click", function () {
      var link = document.createElement("a");
      link.download = button.getAttribute("data-file");
      link.href = URL.createObjectURL(new Blob([csv(button.closest(".card").querySelector("table"))], { type: "text/csv" }));
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
  });
  all(".controls").forEach(function (c) { c.hidden = false; });
  window.latheTable = { sort: sort, csv: csv };
}());
