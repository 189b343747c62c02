"use strict";
{
  const table = document.getElementById("users");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const text = document.getElementById("text");
  const posture = document.getElementById("posture");
  const count = document.getElementById("count");
  function filter() {
    const wanted = text.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!posture.value || row.cells[1].textContent === posture.value)
        && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${rows.length} ${rows.length === 1 ? "user" : "users"}`;
  }
  const order = new Intl.Collator("en", { numeric: true });
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = rows.map((row) => [row.cells[column].textContent, row]);
      keyed.sort(([a], [b]) => (up ? order.compare(a, b) : order.compare(b, a)));
      body.replaceChildren(...keyed.map(([, row]) => row));
    });
  });
  text.addEventListener("input", filter);
  posture.addEventListener("change", filter);
  document.getElementById("search").hidden = false;
  filter();
}
