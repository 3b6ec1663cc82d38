// What a person meets in the pages, in a real browser: node page_browser.js CHECK URL [ARGUMENT]. One check in one
// process; it ends with 0 when all holds. page_test.py prepares what is looked at.
"use strict";

const assert = require("node:assert/strict");
const http = require("node:http");
const { chromium } = require("playwright-core");

const [check, url, argument] = process.argv.slice(2);
const WIDE = { width: 1280, height: 900 }, NARROW = { width: 360, height: 740 };

let browser;
const complaints = [];

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  const page = await context.newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => request.url().startsWith(url) || complaints.push(`loads ${request.url()}`));
  await page.goto(url + path);
  return page;
}

// What every page owes to whoever does not see it, or not all of it.
async function expectAccessible(page) {
  const faults = await page.evaluate(() => {
    const found = [], all = (selector) => [...document.querySelectorAll(selector)];
    const expect = (holds, what) => holds || found.push(what);
    expect(document.documentElement.lang === "en", "no language");
    expect(document.title !== "", "no title");
    expect(all("h1").length === 1, `${all("h1").length} first headings`);
    for (const landmark of ["header", "nav", "main"]) expect(all(landmark).length > 0, `no ${landmark}`);
    const levels = all("h1, h2, h3").map((each) => Number(each.tagName[1]));
    expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1), `headings skip a level: ${levels}`);
    for (const each of all("th")) expect(each.scope, `header without a scope: ${each.textContent}`);
    for (const each of all("input, select")) expect(each.labels.length > 0, `${each.name} has no label`);
    for (const each of all("svg")) {
      expect(each.getAttribute("aria-hidden") || (each.getAttribute("role") === "img" && each.getAttribute("aria-label")),
        "a picture without words");
    }
    for (const each of all("section")) {
      expect(document.getElementById(each.getAttribute("aria-labelledby")), "a section without a name");
    }
    const ids = all("[id]").map((each) => each.id);
    expect(new Set(ids).size === ids.length, "an id twice");
    for (const each of all("a")) expect(each.textContent.trim(), `a link without words: ${each.href}`);
    for (const each of all("[style], style, [onclick]")) expect(false, `inline style or script: ${each.outerHTML}`);
    expect(document.documentElement.scrollWidth <= innerWidth, "wider than the window");
    return found;
  });
  assert.deepEqual(faults, [], page.url());
}

// Text against what is behind it, as WCAG 2 computes it.
async function leastContrast(page) {
  return page.evaluate(() => {
    const parts = (text) => text.match(/[\d.]+/g).map(Number);
    const light = ([red, green, blue]) => [red, green, blue].map((each) => each / 255)
      .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
      .reduce((sum, each, index) => sum + each * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (element) => {
      for (let each = element; each; each = each.parentElement) {
        const colour = parts(getComputedStyle(each).backgroundColor);
        if (colour.length === 3 || colour[3] > 0) return colour;
      }
      return [255, 255, 255];
    };
    const texts = [...document.querySelectorAll("h1, h2, a, p, small, th, td, .state, label, b, li, dt, dd")];
    return Math.min(...texts.map((each) => {
      const [one, other] = [light(parts(getComputedStyle(each).color)), light(behind(each))];
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    }));
  });
}

const row = (page, name) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.name);

const checks = {
  async content() {
    const page = await open("/");
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "1 of 3 targets is down");
    assert.equal(await page.title(), "1 of 3 targets is down - Lookout");
    const incidents = page.getByRole("region", { name: "Open incidents" });
    assert.match(await incidents.textContent(), /back-door is down, critical, since .* UTC \(.*\)the peer refused/);
    assert.match(await page.getByRole("region", { name: "Maintenance" }).textContent(), /New disks open until .*For shop-window/);

    const names = await page.locator("tbody th a").allTextContents();
    assert.deepEqual(names, ["back-door", "<script>taken=1</script>", "shop-window"]);
    const down = await row(page, "back-door").textContent();
    for (const text of ["down", "critical", "connect/refused"]) assert.ok(down.includes(text), `${text} in ${down}`);
    const shop = row(page, "shop-window");
    await shop.getByRole("img", { name: "Last 90 days: 8 up, 1 mostly down, 81 unknown" }).waitFor();
    await shop.getByRole("img", { name: /^Newest \d+ probes: / }).waitFor({ timeout: 15000 });
    assert.ok((await shop.textContent()).includes("last incident ended"));
    // One day of eight and of what there is of today.
    assert.match(await shop.textContent(), /8[78]\.\d\d % in 90 days/);

    assert.equal(await page.evaluate(() => "taken" in window), false);
    await expectAccessible(page);

    await shop.getByRole("link", { name: "shop-window" }).click();
    await page.getByRole("heading", { level: 1, name: "shop-window" }).waitFor();
    for (const name of ["Uptime", "Newest probe", "Latency of the last 24 hours", "How it is watched", "Incidents"]) {
      await page.getByRole("region", { name }).waitFor();
    }
    const text = await page.getByRole("main").textContent();
    for (const part of ["in maintenance", "never down", "not watched for", "back-door", "seen", "response"]) {
      assert.ok(text.includes(part), part);
    }
    assert.equal(await page.getByRole("region", { name: "Incidents" }).getByRole("row").count(), 2);
    await expectAccessible(page);

    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Incidents" }).click();
    await page.getByRole("heading", { level: 1, name: "Incidents" }).waitFor();
    assert.equal(await page.getByRole("row").count(), 3, "a head, the one that is over and the open one");
    await expectAccessible(page);
    await page.getByRole("link", { name: "open ones only" }).click();
    assert.equal(await page.getByRole("row").count(), 2);
  },

  async policy() {
    const page = await open("/");
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.taken = true";
      document.body.append(script);
      document.body.insertAdjacentHTML("beforeend", "<img src='https://elsewhere.example/'>");
    });
    assert.equal(await page.evaluate(() => "taken" in window), false);
    assert.equal(complaints.splice(0).filter((each) => /Content Security Policy/.test(each)).length, 2);
  },

  async keyboard() {
    const page = await open("/");
    const stops = [];
    for (let stop = 0; stop < 7; ++stop) {
      await page.keyboard.press("Tab");
      stops.push(await focused(page));
    }
    assert.deepEqual(stops, ["Skip to the content", "Lookout", "Targets", "Incidents", "Metrics", "Configuration", "back-door"]);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid", "what has the focus shows it");

    await page.goto(url + "/");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");

    // Filters without the mouse and without a reload; the focus stays where the typing is.
    await page.evaluate(() => (window.mark = 1));
    while ((await focused(page)) !== "q") await page.keyboard.press("Tab");
    await page.keyboard.type("BACK");
    await page.waitForFunction(() => document.querySelectorAll("tbody th a").length === 1);
    assert.equal(new URL(page.url()).search, "?q=BACK");
    assert.equal(await focused(page), "q");
    await page.getByRole("status").filter({ hasText: "1 target, worst first." }).waitFor({ state: "attached" });
    await page.keyboard.press("Control+A");
    await page.keyboard.type("nothing fits this");
    await page.getByText("No target fits.").first().waitFor();
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => document.querySelectorAll("tbody th a").length === 3);
    await page.getByLabel("Group by").selectOption("team");
    await page.getByRole("rowheader", { name: "team: web" }).waitFor();
    await page.getByRole("rowheader", { name: "without team" }).waitFor();
    await page.getByRole("combobox", { name: "State" }).selectOption("down");
    await page.waitForFunction(() => document.querySelectorAll("tbody th a").length === 1);
    assert.equal(await page.evaluate(() => window.mark), 1, "it was never loaded anew");
    assert.equal(new URL(page.url()).search, "?state=down&group=team");
    await expectAccessible(page);
  },

  // The argument: a port on which nobody answers yet, so that back-door is down.
  async live() {
    const page = await open("/", { viewport: { width: 1280, height: 400 } });
    await page.evaluate(() => (window.mark = 1));
    const link = page.locator("tbody").getByRole("link", { name: "shop-window" });
    await link.focus();
    const scrolled = await page.evaluate(() => scrollY);
    assert.ok(scrolled > 0);
    await page.getByLabel("Name, address").evaluate((input) => (input.value = "half a wo"));
    const server = http.createServer((_, answer) => answer.end("ok")).listen(Number(argument), "127.0.0.1");
    await page.getByRole("status").filter({ hasText: "back-door is up" }).waitFor({ state: "attached", timeout: 20000 });
    assert.match(await row(page, "back-door").textContent(), /up/);
    assert.equal(await page.getByRole("region", { name: "Open incidents" }).count(), 0);
    assert.match(await page.title(), /^All is well: 3 targets up/);
    assert.equal(await focused(page), "shop-window");
    assert.equal(await page.getByLabel("Name, address").inputValue(), "half a wo");
    assert.equal(await page.evaluate(() => window.mark), 1);

    const before = await page.evaluate(() => performance.getEntriesByType("resource").length);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.waitForTimeout(7000);
    const after = await page.evaluate(() => performance.getEntriesByType("resource").length);
    assert.ok(after - before <= 1, "a hidden page asks for nothing");
    server.close();
  },

  async without_script() {
    const page = await open("/", { javaScriptEnabled: false });
    assert.match(await page.content(), /<noscript><meta http-equiv="refresh" content="20">/);
    await page.getByLabel("Name, address").fill("shop");
    await page.getByLabel("Group by").selectOption("team");
    await page.getByRole("button", { name: "Show" }).click();
    assert.match(page.url(), /\?q=shop&state=&group=team$/);
    assert.deepEqual(await page.locator("tbody th a").allTextContents(), ["shop-window"]);
    await page.getByRole("rowheader", { name: "team: web" }).waitFor();
    await page.getByRole("list", { name: "Targets by state" }).getByRole("link", { name: "all" }).click();
    assert.match(page.url(), /\?q=shop&group=team$/);
  },

  async looks() {
    for (const path of ["/", "/?group=team", "/targets/shop-window", "/targets/back-door", "/incidents"]) {
      for (const colorScheme of ["light", "dark"]) {
        for (const viewport of [WIDE, NARROW]) {
          const page = await open(path, { colorScheme, viewport });
          await expectAccessible(page);
          const contrast = await leastContrast(page);
          assert.ok(contrast >= 4.5, `${path} ${colorScheme}: contrast of ${contrast}`);
          const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          assert.equal(paper === "rgb(244, 246, 249)", colorScheme === "light", paper);
          await page.context().close();
        }
      }
    }
    const page = await open("/");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.getByRole("search").isVisible(), false);
    assert.equal(await row(page, "shop-window").isVisible(), true);
  },

  // `argument`: the path of an incident with a decision that waits.
  async approve() {
    const page = await open(argument, { httpCredentials: { username: "alice", password: "secret" } });
    await expectAccessible(page);
    await page.getByRole("button", { name: /^Approve mark0 for connect\/refused$/ }).click();
    await page.getByRole("status").filter({ hasText: "begun" }).waitFor({ state: "attached" });
    await page.getByRole("cell", { name: "alice", exact: true }).first().waitFor();
    await page.getByRole("cell", { name: "exit status 0", exact: true }).first().waitFor();
  },

  async many() {
    const page = await open("/");
    assert.equal(await page.locator("tbody tr").count(), 250);
    await page.getByText("1 to 250 of 5000 targets").first().waitFor();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("251 to 500 of 5000 targets").first().waitFor();
    await page.getByLabel("Name, address").fill("target-4321");
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
    await page.getByLabel("Name, address").fill("");
    await page.getByLabel("Group by").selectOption("site");
    await page.getByRole("rowheader", { name: /^site: / }).first().waitFor();
    assert.match(await page.getByRole("rowheader", { name: /^site: / }).first().textContent(), /site: site-\d .*1000/);
    await page.goto(url + "/?page=20&group=site");
    await page.getByText("4751 to 5000 of 5000 targets").first().waitFor();
    assert.equal(await page.getByRole("link", { name: "Next" }).count(), 0);
  },
};

(async () => {
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    await checks[check]();
    assert.deepEqual(complaints, [], "the browser complains");
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
