/* What a page can do beside being read: find, follow, sort, and explain a word under the pointer.
   Everything here is an addition; without it the report reads the same. */
(() => {
  "use strict";
  const language = document.documentElement.lang || "en";

  function load(source) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  /* Search: the engine and the places are loaded when someone first looks for something. */
  const box = document.querySelector(".search");
  if (box) {
    const field = box.querySelector("input");
    const list = box.querySelector("ol");
    const status = box.querySelector("[role=status]");
    const found = box.querySelector(".found");
    let engine = null;
    box.hidden = false;
    found.hidden = true;

    const ready = () =>
      (engine ??= Promise.all([load(box.dataset.engine), load(box.dataset.index)]).then(() => {
        const made = new window.MiniSearch({
          fields: ["title", "text", "page"],
          storeFields: ["to", "title", "page", "text"],
          searchOptions: { boost: { title: 3 }, prefix: true, combineWith: "AND", fuzzy: (word) => (word.length > 5 ? 0.15 : 0) },
        });
        made.addAll(window.reportPlaces);
        return made;
      }));

    const excerpt = (place, query) => {
      const at = place.text.toLowerCase().indexOf(query.split(/\s+/)[0].toLowerCase());
      const from = at > 60 ? place.text.lastIndexOf(" ", at - 40) + 1 : 0;
      const cut = place.text.slice(from, from + 130);
      return (from ? "… " : "") + cut + (place.text.length > from + 130 ? " …" : "");
    };

    const line = (place, query) => {
      const link = document.createElement("a");
      link.href = place.to;
      const title = document.createElement("strong");
      title.textContent = place.title;
      const where = document.createElement("span");
      where.textContent = [place.page, excerpt(place, query)].filter(Boolean).join(" · ");
      link.append(title, where);
      const item = document.createElement("li");
      item.append(link);
      return item;
    };

    const show = async () => {
      const query = field.value.trim();
      if (query.length < 2) {
        found.hidden = true;
        status.textContent = "";
        return;
      }
      const places = (await ready()).search(query).slice(0, 12);
      if (query !== field.value.trim()) return;
      list.replaceChildren(...places.map((place) => line(place, query)));
      status.textContent = places.length ? box.dataset.some.replace("{n}", places.length) : box.dataset.none;
      status.classList.toggle("unseen", places.length > 0);
      found.hidden = false;
    };

    field.addEventListener("focus", ready);
    field.addEventListener("input", show);
    box.addEventListener("keydown", (event) => {
      const links = [...list.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "Escape") {
        found.hidden = true;
        field.value = "";
        field.focus();
      } else if (!found.hidden && event.key === "ArrowDown" && links.length) {
        links[Math.min(at + 1, links.length - 1)].focus();
        event.preventDefault();
      } else if (!found.hidden && event.key === "ArrowUp" && links.length) {
        (at > 0 ? links[at - 1] : field).focus();
        event.preventDefault();
      }
    });
    box.addEventListener("focusout", (event) => {
      if (!box.contains(event.relatedTarget)) found.hidden = true;
    });
    list.addEventListener("click", () => (found.hidden = true));
  }

  /* The contents beside a chapter follow the reader. */
  const entries = new Map([...document.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]));
  const headings = [...document.querySelectorAll("main h2[id]")].filter((heading) => entries.has(heading.id));
  if (headings.length) {
    let waiting = false;
    const follow = () => {
      waiting = false;
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight * 0.35);
      const here = passed.at(-1);
      for (const [id, link] of entries) {
        if (here && id === here.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    };
    const soon = () => {
      if (!waiting) requestAnimationFrame(follow);
      waiting = true;
    };
    addEventListener("scroll", soon, { passive: true });
    follow();
  }

  /* Long tables are sorted by their headings; a third press restores the order of the report. */
  const valueOf = (cell) => {
    const text = cell.textContent.replace(/[\s\u00a0\u202f]/g, "").replace(/−/g, "-");
    const point = language === "nb" ? text.replace(/\./g, "").replace(",", ".") : text.replace(/,/g, "");
    const number = /^[<(]?-?\d/.test(point) ? parseFloat(point.replace(/^[<(]/, "")) : NaN;
    return { number, text: cell.textContent.trim() };
  };
  const compare = new Intl.Collator(language, { numeric: true }).compare;
  /* Words and withheld numbers stand behind the numbers, whichever way these are turned. */
  const before = (one, other, turn) => {
    if (Number.isNaN(one.number) !== Number.isNaN(other.number)) return Number.isNaN(one.number) ? 1 : -1;
    return turn * (Number.isNaN(one.number) ? compare(one.text, other.text) : one.number - other.number);
  };
  for (const table of document.querySelectorAll(".exhibit table")) {
    const rows = [...(table.tBodies[0]?.rows ?? [])];
    if (table.tBodies.length !== 1 || rows.length < 12 || table.querySelector("tbody [rowspan]")) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.ariaSort ?? "none"];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        if (next !== "none") head.setAttribute("aria-sort", next);
        const turn = next === "descending" ? -1 : 1;
        const values = new Map(rows.map((row) => [row, valueOf(row.cells[column])]));
        const sorted = next === "none" ? rows : [...rows].sort((a, b) => before(values.get(a), values.get(b), turn));
        table.tBodies[0].append(...sorted);
      });
    });
  }

  /* Of a table that is wider than its place it is said that there is more; of a drawing the style sheet knows it. */
  const wide = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      target.parentElement.classList.toggle("overflows", target.scrollWidth > target.clientWidth + 1);
    }
  });
  for (const region of document.querySelectorAll(".exhibit > .scroll")) wide.observe(region);

  /* A word of the glossary also opens under the pointer, and stays while the pointer is on it or on what it says. */
  for (const button of document.querySelectorAll("button.term")) {
    const said = document.getElementById(button.getAttribute("popovertarget"));
    if (!said?.showPopover) continue;
    const place = () => {
      const at = button.getBoundingClientRect();
      said.style.left = `${Math.max(8, Math.min(at.left, innerWidth - said.offsetWidth - 8))}px`;
      const under = at.bottom + 6;
      said.style.top = `${under + said.offsetHeight < innerHeight ? under : Math.max(8, at.top - said.offsetHeight - 6)}px`;
    };
    let timer = 0;
    const later = (step, wait) => {
      clearTimeout(timer);
      timer = setTimeout(step, wait);
    };
    said.addEventListener("toggle", (event) => event.newState === "open" && place());
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") later(() => said.matches(":popover-open") || said.showPopover(), 350);
    });
    for (const part of [button, said]) {
      part.addEventListener("pointerleave", (event) => {
        if (event.pointerType === "mouse") later(() => said.matches(":popover-open") && said.hidePopover(), 400);
      });
    }
    said.addEventListener("pointerenter", () => clearTimeout(timer));
  }
})();
