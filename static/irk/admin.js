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

  // unfold's controls are links without an address, spans and divs that react to clicks alone: let the keyboard reach
  // and press them. What closes the filters when somebody clicks beside them is none.
  const controls = ":is(a:not([href]), div, span)[x-on\\:click]:not(#changelist-filter-close)";

  function reachableControls() {
    for (const control of document.querySelectorAll(controls)) {
      control.tabIndex = 0;
      control.setAttribute("role", "button");
    }
  }

  // An icon is the name of its picture, written as text: "arrow_back". What shows nothing else needs a name of its own,
  // unless its title is one.
  function names() {
    for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
      if (!icon.matches(controls)) icon.ariaHidden = "true";
    }
    // A field in a table has its column's heading.
    for (const field of document.querySelectorAll("td :is(select, input, textarea):not([type=hidden])")) {
      const heading = field.closest("td[data-label]")?.dataset.label;
      if (heading && !field.labels.length && !field.ariaLabel) field.ariaLabel = heading;
    }
    for (const control of document.querySelectorAll(`${controls}, a[href], button`)) {
      const name = nameOf(control);
      if (name && !control.ariaLabel && !control.title) control.ariaLabel = name;
    }
  }

  // For a control that shows nothing but an icon and has no title, or whose text does not say what it does.
  function nameOf(control) {
    if (control.matches("[x-on\\:click*=openUserLinks]")) return "Account menu";
    const field = control.closest(".related-widget-wrapper")?.querySelector("select, input");
    if (field && control.matches(controls)) {
      return `More for ${field.labels[0]?.firstChild.textContent.trim() || field.ariaLabel || "this field"}`;
    }
    if (control.matches("[x-on\\:click*=openTheme]")) return "Light or dark";
    return iconNames[control.textContent.trim()];
  }

  const iconNames = {
    close: "Close the menu", dock_to_right: "Show or hide the menu", more_horiz: "More actions", search: "Search",
  };

  let opener;

  function press(control) {
    const isItem = openMenu()?.contains(control);
    control.click();
    if (isItem) return;
    opener = control;
    // The menu that this opened may stand anywhere in the page: go to its first item, once it is drawn.
    setTimeout(() => itemsOf(openMenu())[0]?.focus(), 50);
  }

  function openMenu() {
    return [...document.querySelectorAll("nav[x-show]")].find((menu) => menu.checkVisibility());
  }

  function itemsOf(menu) {
    return menu ? [...menu.querySelectorAll("a[href], button, [tabindex='0']")] : [];
  }

  // Escape closes the menu; so does Tab beyond its ends, which goes on from the control that opened it.
  function leaveMenu(event) {
    const menu = openMenu();
    const items = itemsOf(menu);
    const inside = items.includes(document.activeElement);
    const end = event.shiftKey ? items[0] : items.at(-1);
    if (!menu || (event.key === "Tab" && document.activeElement !== end)) return;
    menu.parentElement.click(); // beside the menu, which closes it
    if (inside) opener?.focus();
    if (event.key === "Tab" && event.shiftKey) event.preventDefault();
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
    if ((event.key === "Enter" || event.key === " ") && event.target.matches(controls)) {
      event.preventDefault();
      press(event.target);
    }
    if (event.key === "Escape" || event.key === "Tab") leaveMenu(event);
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
    names();
  });
})();
