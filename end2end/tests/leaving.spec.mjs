// Pages that are left, or cut off, while the code of a screen is on its way.
import { expect, open, signIn, test } from "./baton.mjs";

/** Holds back what the pattern matches until the returned function is called. */
async function heldBack(page, pattern) {
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  const asked = new Promise((resolve) => {
    page.route(pattern, async (route) => {
      resolve(route.request().url());
      await released;
      await route.continue().catch(() => {});
    });
  });
  return { asked, release };
}

const CODE_OF_NODES = /\/pkg\/.*nodes_page.*\.wasm/;

test("a page that is left while a screen's code is on its way says nothing", async ({ owner: page }) => {
  const { asked, release } = await heldBack(page, CODE_OF_NODES);
  await page.getByRole("link", { name: "Nodes" }).click();
  await asked;
  await page.goto("/sign-in");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  release();
  await page.waitForTimeout(500);
});

test("a page that is left while it comes alive says nothing", async ({ owner: page }) => {
  for (const pattern of [CODE_OF_NODES, /\/pkg\/baton\..*wasm/]) {
    const { asked, release } = await heldBack(page, pattern);
    await page.goto("/nodes");
    await asked;
    await page.goto("/sign-in");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    release();
    await page.unroute(pattern);
  }
});

test("another screen can be opened while one is on its way", async ({ owner: page }) => {
  const { asked, release } = await heldBack(page, CODE_OF_NODES);
  await page.getByRole("link", { name: "Nodes" }).click();
  await asked;
  await page.getByRole("link", { name: "Inventory" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Inventory");
  release();
  await page.getByRole("link", { name: "Nodes" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nodes");
  await page.getByRole("link", { name: "Today" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Today");
});

test.describe("without a network", () => {
  test.use({ provoked: /Failed to (fetch|load resource)/ });

  test("a screen whose code does not come says so, and comes when it can", async ({ owner: page }) => {
    await page.route(CODE_OF_NODES, (route) => route.abort());
    await page.getByRole("link", { name: "Nodes" }).click();
    await expect(page.getByRole("alert").getByRole("heading", { name: "No connection" })).toBeVisible();
    await page.unroute(CODE_OF_NODES);
    // The rest of the page goes on.
    await page.getByRole("link", { name: "Inventory" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Inventory");
    await page.getByRole("link", { name: "Nodes" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nodes");
  });
});

test("going back and forth between screens keeps the console clean", async ({ page }) => {
  await signIn(page);
  for (const path of ["/orders", "/nodes", "/inventory", "/settings"]) await open(page, path);
  for (let i = 0; i < 3; i += 1) await page.goBack();
  await expect(page).toHaveURL(/\/orders$/);
  // Faster than their code can come.
  for (const name of ["Today", "Inventory", "Nodes", "Orders", "Settings", "Today", "Nodes"]) {
    await page.getByRole("navigation", { name: "Screens" }).getByRole("link", { name }).click({ noWaitAfter: true });
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nodes");
});
