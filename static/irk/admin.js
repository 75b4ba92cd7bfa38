// Small conveniences of Irk's admin pages. Everything works without them.
(() => {
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  // Times are rendered in UTC; a person thinks in their own zone. The title keeps the exact moment.
  function localTimes() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime()) || time.title) continue;
      time.title = `${time.textContent.trim()} – ${moment.toLocaleString()} your time`;
      if (time.hasAttribute("data-irk-ago")) {
        const seconds = Math.round((moment - Date.now()) / 1000);
        const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? units[3];
        time.textContent = relative.format(Math.round(seconds / size), unit);
      } else {
        time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
      }
    }
  }

  // Before unfold draws (on "load"): the axis in the person's zone, with the day only where there are several.
  function chartLabels() {
    for (const chart of document.querySelectorAll("canvas[data-irk-times]")) {
      const times = JSON.parse(chart.dataset.irkTimes).map((ms) => new Date(ms));
      const days = new Set(times.map((time) => time.toDateString()));
      const format = new Intl.DateTimeFormat(undefined, {
        hour: "2-digit", minute: "2-digit", ...(days.size > 1 && { day: "numeric", month: "short" }),
      });
      const data = JSON.parse(chart.dataset.value);
      data.labels = times.map((time) => format.format(time));
      chart.dataset.value = JSON.stringify(data);
    }
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.irkCopy);
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = "Copied";
    } catch {
      // No clipboard here (an insecure origin): select it, so that one key copies it.
      getSelection().selectAllChildren(source);
      button.textContent = "Selected – press Ctrl+C";
    }
    setTimeout(() => { button.textContent = before; }, 2500);
  }

  // unfold's menu and filter buttons are spans and links without an address: let the keyboard reach and press them.
  function reachableControls() {
    for (const control of document.querySelectorAll("a:not([href])[x-on\\:click], span[x-on\\:click]")) {
      control.tabIndex = 0;
      control.setAttribute("role", "button");
      const name = { dock_to_right: "Show or hide the menu", close: "Close the menu" }[control.textContent.trim()];
      if (name) control.setAttribute("aria-label", name);
      control.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        control.click();
      });
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-irk-copy]");
    if (button) copy(button);
    // A menu closes when something else is clicked.
    for (const menu of document.querySelectorAll("details.irk-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.irk-menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-irk-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("DOMContentLoaded", () => {
    localTimes();
    chartLabels();
    reachableControls();
  });
})();
