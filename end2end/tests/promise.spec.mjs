// How promises are made, tried out and embedded, on the merchant's side.
import { createHash } from "node:crypto";
import { expect, open, test } from "./baton.mjs";

test.use({ provoked: /status of (409|422)/ });

test("the switch hides all dates and saves nothing else of the form", async ({ owner: page, api }) => {
  const before = await api.get("promise_settings");
  await open(page, "/promise");
  await page.getByLabel("Target, in 100").fill("77");
  await page.getByRole("button", { name: "Hide all dates" }).click();
  await expect(page.getByText("Promises are switched off")).toBeVisible();
  let now = await api.get("promise_settings");
  expect([now.on, now.target]).toEqual([false, before.target]);
  // What was being entered is still there.
  await expect(page.getByLabel("Target, in 100")).toHaveValue("77");
  await page.getByRole("button", { name: "Show dates again" }).click();
  await expect(page.getByText("Promises are switched off")).toHaveCount(0);
  now = await api.get("promise_settings");
  expect([now.on, now.target]).toEqual([true, before.target]);
});

test("times below a minute, prices and the service table are entered as they are shown", async ({ owner: page, api }) => {
  const before = await api.get("promise_settings");
  await api.put("promise_settings", { ...before, ttl_seconds: 45 });
  await open(page, "/promise");
  await expect(page.getByLabel("A promise holds, minutes")).toHaveValue("0.75");
  await expect(page.getByLabel("Price of standard")).toHaveValue("4.99");
  await page.getByLabel("A promise holds, minutes").fill("0.1");
  await page.getByLabel("Price of standard").fill("5.49");
  await page.getByLabel("Most days of express").fill("4");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "from 30" })).toBeVisible();
  await expect(page.getByLabel("A promise holds, minutes")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("A promise holds, minutes").fill("0.5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".toast")).toContainText("from now on");
  const now = await api.get("promise_settings");
  expect([now.ttl_seconds, now.prices.standard, now.fallback.express.max]).toEqual([30, 549, 4]);
  await api.put("promise_settings", before);
});

test("a preview for another country says what shoppers there are told", async ({ owner: page }) => {
  await open(page, "/promise");
  const preview = page.getByRole("region", { name: "What shoppers are told" });
  await expect(preview.getByRole("status")).toContainText(/Get it|Ready/);
  await preview.getByLabel("Country").fill("de");
  await preview.getByLabel("Postal code").fill("80331");
  await preview.getByRole("button", { name: "Ask" }).click();
  await expect(preview.getByRole("status")).not.toContainText("Get it by");
  await preview.getByLabel("Country").fill("u");
  await preview.getByRole("button", { name: "Ask" }).click();
  await expect(preview.getByRole("alert")).toContainText("ISO 3166");
});

test("the snippet that is copied names exactly the script that the server has", async ({ owner: page, request }) => {
  await open(page, "/promise");
  const snippet = await page.getByRole("region", { name: "Exactly this script" }).innerText();
  const [, path] = snippet.match(/src="https?:\/\/[^/"]+(\/widget\/v1\/promise\.[^"]+\.js)"/);
  const [, integrity] = snippet.match(/integrity="(sha384-[^"]+)"/);
  const script = await (await request.get(path)).body();
  expect(`sha384-${createHash("sha384").update(script).digest("base64")}`).toBe(integrity);
});
