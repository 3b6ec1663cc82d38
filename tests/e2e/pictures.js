// The pictures in README, of the pages that deploy/demo serves: node pictures.js URL FOLDER, begun when the demo has said its
// URL and has not killed its service yet. They are taken while the service is down and after the incident.
"use strict";

const path = require("node:path");
const { chromium } = require("playwright-core");

const [url, folder] = process.argv.slice(2);

async function take(page, name, height) {
  await page.setViewportSize({ width: 1100, height });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

(async () => {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  try {
    const page = await browser.newPage({ httpCredentials: { username: "demo", password: "demo" }, colorScheme: "light" });
    await page.goto(url);
    await page.getByRole("heading", { level: 1, name: "1 of 3 targets is down" }).waitFor({ timeout: 60000 });
    await take(page, "status", 760);
    const address = await page.evaluate(() => document.querySelector("a[href*='incidents/2']").href);
    await page.getByRole("heading", { level: 1, name: "All is well" }).waitFor({ timeout: 60000 });
    await page.goto(address);
    await take(page, "incident", 1000);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
