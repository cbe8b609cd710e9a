(function () {
  "use strict";
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var pick = document.querySelector(".pick");
  function show(i, scroll) {
    all(".mark, tbody tr").forEach(function (e) { e.classList.toggle("on", e.getAttribute("data-i") === i); });
    var title = document.querySelector(".mark[data-i='" + i + "'] title");
    var row = document.querySelector("tbody tr[data-i='" + i + "']");
    if (pick) { if (title) { pick.textContent = title.textContent; } }
    if (scroll) { if (row) { var box = row.closest(".scroll"); box.scrollTop = row.offsetTop - box.clientHeight / 2; } }
  }
  all(".mark").forEach(function (m) {
    var i = m.getAttribute("data-i");
    m.addEventListener("mouseenter", function () { show(i, false); });
    m.addEventListener("focus", function () { show(i, true); });
    m.addEventListener("click", function () { show(i, true); });
  });
  all("tbody tr").forEach(function (r) {
    r.addEventListener("click", function () { show(r.getAttribute("data-i"), false); });
  });
  all("th button").forEach(function (button) {
    button.addEventListener("click", function () {
      var th = button.parentNode, row = th.parentNode, body = row.parentNode.parentNode.querySelector("tbody");
      var column = Array.prototype.indexOf.call(row.children, th);
      var up = th.getAttribute("aria-sort") !== "ascending";
      all("th", row).forEach(function (h) { h.removeAttribute("aria-sort"); });
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      var value = function (r) { return parseFloat(r.children[column].getAttribute("data-v")); };
      all("tr", body).sort(function (a, b) { return up ? value(a) - value(b) : value(b) - value(a); })
        .forEach(function (r) { body.appendChild(r); });
    });
  });
}());
