/* Comments of one reviewer on the reviewers' pages: made, kept in this browser, shown at their places, exported.
   Nothing leaves the machine but the file that the reviewer exports (W3C Web Annotations). */
(() => {
  "use strict";
  const parts = document.getElementById("review");
  const main = document.querySelector("main");
  if (!parts || !main) return;
  const { edition, draft, chapter, comment: commentWord } = parts.dataset;
  const words = JSON.parse(parts.dataset.words);
  const language = document.documentElement.lang || "en";
  const page = `${language}/${chapter}.html`;
  const key = `workbench-review:${edition}`;
  const built = parts.content.cloneNode(true);
  const [toggle, panel, picker, said, dialog] = built.children;
  const [status, warning] = said.children;
  document.querySelector("header.site .reviewing").append(toggle);
  document.querySelector("header.site").after(panel);
  document.body.append(picker, said, dialog);

  /* Keeping: all chapters of an edition share one entry, which is read again before it is changed. */
  let kept = { name: "", open: false, comments: [] };
  let refused = false;
  const recall = () => {
    let text = null;
    try {
      text = localStorage.getItem(key);
    } catch {
      refused = true;
    }
    try {
      const found = JSON.parse(text);
      if (Array.isArray(found?.comments)) kept = found;
    } catch {
      /* What cannot be read is no list of comments. */
    }
  };
  const keep = (change) => {
    if (!refused) recall();
    change();
    try {
      localStorage.setItem(key, JSON.stringify(kept));
      refused = false;
    } catch {
      refused = true;
    }
    warning.textContent = refused ? words.refused : "";
    warning.hidden = !refused;
  };
  const tell = (text) => {
    status.textContent = "";
    setTimeout(() => (status.textContent = text), 50);
  };
  const newId = () => {
    if (crypto.randomUUID) return `urn:uuid:${crypto.randomUUID()}`;
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };

  /* What can be commented on, and what it says: the text of the report, without what stands here only for reviewers. */
  const places = chapter ? "p[id], li[id], h2[id], h3[id], h4[id], figure[data-anchor], pre[data-anchor]" : "#no-chapter";
  const blocks = [...main.querySelectorAll(places)].filter(
    (block) => block.matches("figure, pre") || !block.closest("figure, .remark, .gone"),
  );
  const anchorOf = (block) => block.dataset.anchor ?? block.id;
  const kindOf = (anchor) => (anchor.startsWith("x-") ? "exhibit" : anchor.startsWith("code-") ? "code" : "text");
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const skipped = (node, block) => {
    const within = node.parentElement.closest(".remark, .comment-button, ul, ol, script, style, annotation");
    return within && block.contains(within) && within !== block && (within.matches(":not(ul, ol)") || block.matches("li"));
  };
  /* The text on one line, and where each of its letters stands. */
  const readBlock = (block) => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    const letters = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (skipped(node, block)) continue;
      for (let at = 0; at < node.data.length; at += 1) {
        const space = /\s/.test(node.data[at]);
        if (!space || (letters.length && letters.at(-1).said !== " ")) letters.push({ said: space ? " " : node.data[at], node, at });
      }
    }
    if (letters.at(-1)?.said === " ") letters.pop();
    return { text: letters.map((letter) => letter.said).join(""), letters };
  };
  const textOf = (block) => (block ? readBlock(block).text : "");
  const bare = (text) =>
    plain(text).replace(/\d(?:[\d.,]*\d)?/g, "#").replace(/[−-](?=#)/g, "").replace(/#(?: ?#)+/g, "#").toLowerCase();
  const shortened = (text, most = 90) => (text.length > most ? `${text.slice(0, most).replace(/\s\S*$/, "")} …` : text);
  const labelOf = (block) => block.querySelector(".exhibit-number")?.textContent ?? "";

  const surroundings = (block, before, behind) => {
    const at = blocks.indexOf(block);
    return {
      prefix: plain(`${textOf(blocks[at - 1]).slice(-100)} ${before}`).slice(-80),
      suffix: plain(`${behind} ${textOf(blocks[at + 1]).slice(0, 100)}`).slice(0, 80),
    };
  };
  const quoteOf = (block, raw, start, end) => ({
    anchor: anchorOf(block),
    exact: plain(raw.slice(start, end)).slice(0, 20000),
    ...surroundings(block, raw.slice(0, start), raw.slice(end)),
  });

  /* Where a comment belongs on this page: its anchor decides, else its words where they stand in one place only. */
  const placeOf = (one) => {
    const alike = blocks.filter((block) => kindOf(anchorOf(block)) === kindOf(one.anchor));
    const holding = alike.filter((block) => bare(textOf(block)).includes(bare(one.exact)));
    const anchored = alike.find((block) => anchorOf(block) === one.anchor);
    if (anchored && (holding.includes(anchored) || !holding.length)) return { block: anchored, moved: false };
    if (holding.length === 1 && one.exact.split(" ").length >= 4) return { block: holding[0], moved: true };
    return { block: null, moved: false };
  };
  const rangeOf = (block, exact) => {
    const { text, letters } = readBlock(block);
    const escaped = plain(exact).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const loose = escaped.replace(/\d(?:(?:\\?[.,]| )?\d)*/g, "\\d(?:[\\d.,\\s]*\\d)?");
    const found = text.indexOf(plain(exact));
    const match = found >= 0 ? { index: found, 0: plain(exact) } : text.match(new RegExp(loose, "i"));
    if (!match || !match[0]) return null;
    const [first, last] = [letters[match.index], letters[match.index + match[0].length - 1]];
    const range = document.createRange();
    range.setStart(first.node, first.at);
    range.setEnd(last.node, last.at + 1);
    return range;
  };

  /* Cards at their places, numbered with those that editors have collected. */
  const cardAfter = (block) => {
    let last = block.matches("pre") ? (block.closest("figure") ?? block.closest("details") ?? block) : block;
    while (last.nextElementSibling?.matches(".remark")) last = last.nextElementSibling;
    return last;
  };
  const made = (name, className, text = "") => {
    const element = document.createElement(name);
    element.className = className;
    element.textContent = text;
    return element;
  };
  const cardOf = (one, moved) => {
    const card = made("div", "remark local");
    card.setAttribute("role", "note");
    card.setAttribute("aria-label", `${commentWord}: ${one.name}`);
    card.id = `local-${one.id.replace(/\W/g, "")}`;
    card.tabIndex = -1;
    const head = made("p", "remark-head");
    head.append(made("span", "remark-number"), made("bdi", "reviewer", one.name), " ");
    head.append(made("span", "day", new Date(one.created).toLocaleDateString(language === "en" ? "en-GB" : language, { dateStyle: "long" })));
    card.append(head);
    if (moved) card.append(made("p", "became", words.moved));
    if (one.part || moved || kindOf(one.anchor) === "code") card.append(Object.assign(made("blockquote", "quoted", shortened(one.exact, 400)), { dir: "auto" }));
    card.append(Object.assign(made("div", "remark-text", one.text), { dir: "auto" }));
    return card;
  };
  const collected = new Map([...document.querySelectorAll(".remark[data-comment]")].map((card) => [card.dataset.comment, card]));
  const digits = (one) => one.id.replace("urn:uuid:", "").replaceAll("-", "");
  const isCollected = (one) =>
    collected.has(digits(one)) && plain(collected.get(digits(one)).querySelector(".remark-text").textContent) === plain(one.text);
  const isHere = (one) => one.page === page;

  const draw = () => {
    for (const card of document.querySelectorAll(".remark.local")) card.remove();
    const ranges = [];
    for (const card of document.querySelectorAll(".remark:not(.local)")) {
      let block = card.closest("li[id]") ?? card.previousElementSibling;
      while (block?.matches(".remark")) block = block.previousElementSibling;
      const quote = card.querySelector(":scope > .quoted");
      if (block && quote && !card.querySelector(".became")) ranges.push(rangeOf(block, quote.textContent));
    }
    for (const one of kept.comments.filter(isHere)) {
      const { block, moved } = placeOf(one);
      if (!block) continue;
      ranges.push(block.matches("figure, pre") && !one.part ? null : rangeOf(block, one.exact));
      if (isCollected(one)) continue;
      if (block.matches("li")) block.append(cardOf(one, moved));
      else cardAfter(block).after(cardOf(one, moved));
    }
    if (CSS.highlights) CSS.highlights.set("commented", new Highlight(...ranges.filter(Boolean)));
    list();
  };

  /* The panel: every comment of this reviewer, to be found, edited and deleted. */
  const action = (text, className, about, done) => {
    const button = made("button", className, text);
    button.type = "button";
    button.append(made("span", "unseen", `: ${about}`));
    button.addEventListener("click", done);
    return button;
  };
  const entry = (one) => {
    const item = document.createElement("li");
    const about = shortened(one.label && !one.exact.startsWith(one.label) ? `${one.label}: ${one.exact}` : one.exact, 60);
    const link = made("a", "where", about);
    const card = document.getElementById(`local-${one.id.replace(/\W/g, "")}`) ?? (isHere(one) && collected.get(digits(one)));
    if (card) link.href = `#${card.id}`;
    else if (!isHere(one)) link.href = `../${one.page}`;
    if (card) link.addEventListener("click", () => setTimeout(() => card.focus()));
    if (!isHere(one)) link.prepend(`${one.title}: `);
    item.append(Object.assign(made("p", ""), { dir: "auto" }));
    item.firstChild.append(link);
    if (isHere(one) && !card) item.append(made("p", "became", words.not_here));
    item.append(Object.assign(made("div", "remark-text", one.text), { dir: "auto" }));
    const row = made("p", "actions");
    row.append(action(words.edit, "edit", about, () => edit(one)), " ", action(words.delete, "delete", about, () => remove(one)));
    if (isHere(one) && isCollected(one)) row.append(" ", made("span", "status", words.was_collected));
    item.append(row);
    return item;
  };
  const list = () => {
    const order = new Map(kept.comments.map((one) => [one.id, isHere(one) ? blocks.indexOf(placeOf(one).block) : 0]));
    const here = kept.comments.filter(isHere).sort((one, other) => order.get(one.id) - order.get(other.id));
    const elsewhere = kept.comments.filter((one) => !isHere(one));
    for (const [name, found] of [["here", here], ["elsewhere", elsewhere]]) {
      const section = panel.querySelector(`.${name}`);
      section.hidden = !found.length;
      section.querySelector("ol").replaceChildren(...found.map(entry));
    }
    panel.querySelector(".empty").hidden = kept.comments.length > 0;
    panel.querySelector(".export").disabled = !kept.comments.length;
    panel.querySelector(".named").hidden = !kept.name;
    panel.querySelector(".named bdi").textContent = kept.name;
    toggle.querySelector(".count").textContent = kept.comments.length ? `(${kept.comments.length})` : "";
  };
  const edit = (one) => ask({ one, quote: one.exact, about: words.edit, text: one.text });
  const remove = (one) => {
    if (!confirm(`${words.really}\n\n${shortened(one.text)}`)) return;
    keep(() => (kept.comments = kept.comments.filter((other) => other.id !== one.id)));
    draw();
    panel.querySelector("h2").focus();
    tell(words.deleted);
  };

  /* The form: the passage, which the keyboard can narrow, the comment, and once the reviewer's name. */
  const form = dialog.querySelector("form");
  const [passage, text] = form.querySelectorAll("textarea");
  const name = form.querySelector("input");
  const fault = form.querySelector("#review-fault");
  let asked = null;
  /* A field that is read-only takes no caret in some browsers, and without one the keyboard selects nothing. */
  passage.addEventListener("beforeinput", (event) => event.preventDefault());
  const ask = (given) => {
    asked = { ...given, from: document.activeElement };
    form.querySelector("h2").textContent = given.about;
    form.querySelector(".quoted").hidden = !given.quote;
    form.querySelector(".quoted").textContent = given.quote ? shortened(given.quote, 400) : "";
    form.querySelector(".passage").hidden = given.raw === undefined;
    form.querySelector(".name").hidden = Boolean(kept.name);
    passage.value = given.raw ?? "";
    text.value = given.text ?? "";
    name.value = kept.name;
    fault.textContent = "";
    for (const field of [text, name]) field.removeAttribute("aria-invalid");
    dialog.showModal();
    passage.setSelectionRange(given.start ?? 0, given.end ?? 0);
    text.focus();
  };
  const chosen = () => {
    const { block, raw, exact } = asked;
    if (raw === undefined) return { ...quoteOf(block, asked.whole, exact[0], exact[1]), part: asked.part };
    const part = passage.selectionEnd > passage.selectionStart && plain(raw.slice(passage.selectionStart, passage.selectionEnd));
    const [start, end] = part ? [passage.selectionStart, passage.selectionEnd] : [0, raw.length];
    return { ...quoteOf(block, raw, start, end), part: Boolean(part) && part !== plain(raw) };
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = [text, name].filter((field) => !field.value.trim());
    for (const field of [text, name]) field.setAttribute("aria-invalid", String(wrong.includes(field)));
    if (wrong.length) {
      fault.textContent = words.needed;
      wrong[0].focus();
      return;
    }
    const now = new Date().toISOString();
    const heading = plain(document.querySelector("h1").textContent);
    keep(() => {
      kept.name = name.value.trim();
      const known = asked.one && kept.comments.find((one) => one.id === asked.one.id);
      if (known) Object.assign(known, { text: text.value.trim(), modified: now });
      else {
        const own = { id: newId(), name: kept.name, text: text.value.trim(), created: now, modified: now, page, title: heading, draft };
        kept.comments.push(asked.one ? { ...asked.one, text: own.text, modified: now } : { ...own, label: labelOf(asked.block), ...chosen() });
      }
    });
    const back = asked.one ? panel.querySelector("h2") : asked.from?.isConnected && asked.from !== picker ? asked.from : toggle;
    dialog.close();
    draw();
    back.focus();
    tell(words.saved);
  });
  form.querySelector(".cancel").addEventListener("click", () => dialog.close());

  /* Ways to the form: a button at each place while the panel is open, a selection, or the keys Control, Alt and M. */
  const aboutOf = (block) =>
    block.matches("figure") ? words.on_exhibit.replace("{label}", labelOf(block)) : block.matches("pre") ? words.on_code : words.on_p;
  const askWhole = (block) => {
    const about = aboutOf(block);
    if (!block.matches("figure")) {
      ask({ block, about, raw: block.matches("pre") ? block.textContent : textOf(block) });
      return;
    }
    const named = plain(block.querySelector(".exhibit-title").textContent);
    const whole = textOf(block);
    const start = Math.max(whole.indexOf(named), 0);
    ask({ block, about, quote: named, whole, exact: [start, start + named.length], part: false });
  };
  const selected = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !main.contains(selection.anchorNode)) return null;
    const range = selection.getRangeAt(0);
    const start = range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentElement : range.startContainer;
    const block = blocks.filter((one) => one.contains(start)).at(-1) ?? blocks.find((one) => range.intersectsNode(one));
    if (!block || start.closest(".remark")) return null;
    const { text: whole, letters } = readBlock(block);
    const inside = letters.map(({ node, at }) => range.isPointInRange(node, at) && range.isPointInRange(node, at + 1));
    const exact = [inside.indexOf(true), inside.lastIndexOf(true) + 1];
    return exact[1] > 0 && plain(whole.slice(...exact)) ? { block, whole, exact, range } : null;
  };
  const askSelection = () => {
    const { block, whole, exact } = selected();
    picker.hidden = true;
    if (block.matches("p, li")) ask({ block, about: words.on_p, raw: whole, start: exact[0], end: exact[1] });
    else ask({ block, about: aboutOf(block), quote: whole.slice(...exact), whole, exact, part: true });
  };
  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const found = dialog.open ? null : selected();
      picker.hidden = !found;
      if (!found) return;
      const at = [...found.range.getClientRects()].at(-1);
      picker.style.left = `${Math.max(8, Math.min(at.left, innerWidth - picker.offsetWidth - 8))}px`;
      const under = at.bottom + 8 + picker.offsetHeight < innerHeight;
      const top = under ? at.bottom + 8 : at.top - picker.offsetHeight - 8;
      picker.style.top = `${Math.max(8, Math.min(top, innerHeight - picker.offsetHeight - 8))}px`;
    }, 200);
  });
  addEventListener("scroll", () => (picker.hidden = true), { passive: true });
  picker.addEventListener("mousedown", (event) => event.preventDefault());
  picker.addEventListener("click", () => selected() && askSelection());
  document.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || !event.altKey || event.code !== "KeyM" || dialog.open) return;
    event.preventDefault();
    const block = blocks.filter((one) => one.contains(document.activeElement)).at(-1);
    if (selected()) askSelection();
    else if (block) askWhole(block);
    else open(panel.hidden, true);
  });

  const buttons = (shown) => {
    for (const button of main.querySelectorAll(".comment-button")) button.remove();
    for (const block of shown ? blocks.filter((one) => !one.matches("h2, h3, h4")) : []) {
      const button = made("button", "comment-button");
      button.type = "button";
      button.append(made("span", "plus", "+"), made("span", "unseen", block.matches("p, li, pre") ? `${aboutOf(block)}: ${shortened(textOf(block), 40)}` : aboutOf(block)));
      button.addEventListener("click", () => askWhole(block));
      if (block.matches("figure")) block.querySelector(".exhibit-head").append(button);
      else if (block.matches("pre")) block.before(button);
      else if (block.querySelector(":scope > ul, :scope > ol")) block.querySelector(":scope > ul, :scope > ol").before(button);
      else block.append(button);
    }
  };
  const open = (shown, moving) => {
    panel.hidden = !shown;
    toggle.setAttribute("aria-expanded", String(shown));
    document.body.classList.toggle("commenting", shown);
    buttons(shown);
    if (moving && shown) panel.querySelector("h2").focus();
  };
  toggle.addEventListener("click", () => {
    keep(() => (kept.open = panel.hidden));
    open(panel.hidden, true);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    keep(() => (kept.open = false));
    open(false, false);
    toggle.focus();
  });

  panel.querySelector(".rename").addEventListener("click", () => {
    keep(() => (kept.name = ""));
    list();
    panel.querySelector("h2").focus();
  });

  /* One file for the whole draft. */
  const annotation = (one) => ({
    id: one.id,
    type: "Annotation",
    motivation: "commenting",
    creator: { type: "Person", name: one.name },
    created: one.created,
    modified: one.modified,
    body: { type: "TextualBody", format: "text/plain", value: one.text },
    target: {
      source: one.page,
      selector: [
        { type: "FragmentSelector", value: one.anchor },
        { type: "TextQuoteSelector", exact: one.exact, prefix: one.prefix, suffix: one.suffix },
      ],
    },
    "workbench:draft": one.draft,
  });
  panel.querySelector(".export").addEventListener("click", () => {
    if (!refused) recall();
    const file = {
      "@context": ["http://www.w3.org/ns/anno.jsonld", { workbench: "urn:childhood-cancer-workbench:" }],
      type: "AnnotationPage",
      "workbench:edition": edition,
      items: kept.comments.map(annotation),
    };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: "application/json" }));
    link.download = `comments-${edition}-${kept.name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40) || "reviewer"}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    tell(words.exported.replace("{n}", kept.comments.length));
  });

  addEventListener("storage", (event) => {
    if (event.key !== key) return;
    recall();
    draw();
  });
  recall();
  if (refused) keep(() => {});
  draw();
  if (kept.open) open(true, false);
})();
