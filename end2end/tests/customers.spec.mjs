// What customers see of their orders: live, without a script, in the dark and on a phone.
import AxeBuilder from "@axe-core/playwright";
import { expect, placeOrder, routed, test } from "./baton.mjs";

const scan = (order, id, status, minutes = 0) => ({
  tracking_number: `T${order.number}`,
  event_id: `${order.id} ${id}`,
  status,
  occurred_at: new Date(Date.now() + minutes * 60_000).toISOString(),
  location: "Louisville, KY",
});

async function shipped(api, order) {
  const [{ id, service }] = order.fulfillments;
  for (const action of ["accept", "pack"]) await api.post(`fulfillments/${id}/${action}`, {});
  await api.post(`fulfillments/${id}/ship`, { service, tracking_number: `T${order.number}` });
}

async function look(page, info, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`), name).toEqual([]);
  await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
}

for (const width of [390, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test.describe(`${width} ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 900 }, colorScheme });

      test("a customer watches a delay and its repair", async ({ page, api }, info) => {
        const order = await routed(api, await placeOrder(api, 2));
        await page.goto((await api.get(`orders/${order.id}`)).tracking_url);
        // The secret has left the address.
        expect(page.url()).toMatch(/\/t\/o\/[0-9a-f]{16}$/);
        await expect(page.locator("[aria-current=step]")).toHaveText("Preparing");
        await look(page, info, "preparing");
        await shipped(api, order);
        await expect(page.locator("[aria-current=step]")).toHaveText("Shipped");
        await api.post("tracking_events", [scan(order, 1, "in_transit")]);
        await api.post("tracking_events", [scan(order, 2, "delayed.weather", 1)]);
        await expect(page.getByText("Delayed: bad weather").first()).toBeVisible();
        await look(page, info, "delayed");
        await api.post("tracking_events", [scan(order, 3, "out_for_delivery", 2)]);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("Out for delivery: it arrives today");
        await expect(page.getByText("Delayed: bad weather")).toHaveCount(0);
        await expect(page.locator("#news")).toContainText("Out for delivery");
        await api.post("tracking_events", [scan(order, 4, "delivered", 3)]);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Delivered on/);
        await look(page, info, "delivered");
      });

      test("forms for customers", async ({ page, api }, info) => {
        await page.goto("/t");
        await look(page, info, "lookup");
        const order = await routed(api, await placeOrder(api, 1));
        await page.goto((await api.get(`orders/${order.id}`)).tracking_url);
        await page.getByRole("link", { name: "Cancel items" }).click();
        await look(page, info, "cancel");
        await page.getByRole("checkbox").check();
        await page.getByRole("button", { name: "Cancel what is chosen" }).click();
        await look(page, info, "code");
        await page.getByRole("button", { name: "Send the code" }).click();
        await look(page, info, "code-sent");
        // Letters are sent every few moments.
        await expect(async () => {
          await page.goto("/demo/mailbox?to=robin%40example.com");
          await expect(page.getByRole("link", { name: /is your code/ }).first()).toBeVisible({ timeout: 500 });
        }).toPass();
        await look(page, info, "mailbox");
      });
    });
  }
}

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("a customer reads, cancels and looks an order up", async ({ page, api }) => {
    const order = await routed(api, await placeOrder(api, 2));
    await page.goto((await api.get(`orders/${order.id}`)).tracking_url);
    const address = page.url();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Arriving/);
    await expect(page.getByRole("link", { name: "Refresh" })).toBeVisible();
    await page.getByRole("link", { name: "Cancel items" }).click();
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Cancel what is chosen" }).click();
    await page.getByRole("button", { name: "Send the code" }).click();
    await expect(page.getByText("A code is on its way to r•••@e•••.com.")).toBeVisible();
    // As its reader opens it, in another tab.
    const mail = await page.context().newPage();
    await expect(async () => {
      await mail.goto("/demo/mailbox?to=robin%40example.com");
      const text = await mail.getByRole("link", { name: `is your code for order ` }).first().textContent();
      expect(text).toContain(`#${order.number}`);
    }).toPass();
    const code = (await mail.getByRole("link", { name: /is your code/ }).first().textContent()).slice(0, 6);
    await mail.close();
    await page.getByLabel("Code").fill(code);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Cancel what is chosen" }).click();
    await expect(page.getByText("You get back $3.38")).toBeVisible();
    await page.getByRole("button", { name: "Cancel now" }).click();
    await expect(page.getByText("It is cancelled.")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cancelled");
    expect((await api.get(`orders/${order.id}`)).status).toBe("cancelled");
    expect(page.url()).toContain(address);
    await page.getByRole("link", { name: "Find your order" }).click();
    await page.getByLabel("Order number").fill(`#${order.number}`);
    await page.getByLabel("E-mail address or postal code").fill("nobody@example.com");
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByText("If they match an order, we have sent a link")).toBeVisible();
  });
});
