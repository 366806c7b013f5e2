"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const items = [...document.querySelectorAll(".item")];
  const root = document.documentElement;
  const severities = { error: 2, warning: 1 };
  let texts;
  const apply = () => {
    texts ??= items.map((e) => e.textContent.toLowerCase());
    const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const least = severities[$("severity").value] ?? 0;
    let shown = 0;
    items.forEach((e, i) => {
      const grave = !least || e.dataset.severity === undefined || (severities[e.dataset.severity] ?? 0) >= least;
      e.hidden = !grave || !words.every((w) => texts[i].includes(w));
      if (!e.hidden) shown++;
    });
    $("filtered").textContent = words.length || least ? shown + " of " + items.length + " shown" : "";
  };
  $("filter").addEventListener("input", apply);
  $("severity").addEventListener("change", apply);
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) {
      e.preventDefault();
      $("filter").focus();
    } else if (e.key === "Escape" && e.target === $("filter")) {
      $("filter").value = "";
      apply();
    }
  });

  const store = { get: () => { try { return localStorage.getItem("schemactl-theme"); } catch { return null; } },
    set: (v) => { try { localStorage.setItem("schemactl-theme", v); } catch { /* pages from files may have no storage */ } } };
  const theme = (v) => { if (v === "dark" || v === "light") root.dataset.theme = v; };
  theme(store.get());
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    theme(dark ? "light" : "dark");
    store.set(root.dataset.theme);
  });

  const fold = (open) => document.querySelectorAll("details").forEach((d) => { d.open = open; });
  let open = false;
  $("unfold").addEventListener("click", () => {
    open = !open;
    fold(open);
    $("unfold").textContent = open ? "Fold all" : "Unfold all";
  });
  addEventListener("beforeprint", () => fold(true));

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  const sql = (pre) => pre.textContent.trim();
  document.addEventListener("click", async (e) => {
    const button = e.target.closest("button.copy");
    if (!button) return;
    const which = button.dataset.copy;
    const all = which === "all" ? [...document.querySelectorAll("article > pre")] : [$(which)];
    await copy(all.map(sql).join("\n") + "\n");
    const was = button.textContent;
    button.textContent = "Copied";
    button.focus();
    setTimeout(() => { button.textContent = was; }, 1500);
  });
})();
