// The demonstration's shop with the widget and the API as they are, from the product to the order.
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./baton.mjs";

const sentence = (page, n = 0) => page.locator("delivery-promise").nth(n).locator("[part=promise] [part=sentence] > :first-child");

for (const [width, colorScheme] of [[1440, "light"], [390, "dark"]]) {
  test.describe(`${width} ${colorScheme}`, () => {
    test.use({ viewport: { width, height: 900 }, colorScheme });

    test("a product is promised, bought and ordered with the promise", async ({ page, api }, info) => {
      const look = async (name) => {
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, `${name} is wider than the window`).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`), name).toEqual([]);
        await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
      };
      // What fades in is faint for a moment, which is not what contrast is about.
      await page.emulateMedia({ reducedMotion: "reduce" });
      await api.put("stock", [{ node: "wh-sdf", sku: "995242", on_hand: 100_000 }]);
      await page.goto("/demo/shop");
      await look("shelf");
      await page.goto("/demo/shop/products/995242");
      await expect(sentence(page)).toHaveText(/^(Get it|Order now)/);
      await expect(page.locator("delivery-promise [part=place]").first()).toHaveText("to the United States");
      await page.getByRole("button", { name: "Enter postal code" }).first().click();
      await page.getByRole("textbox", { name: "Postal code" }).fill("37203");
      await page.getByRole("button", { name: "Show date" }).click();
      await expect(page.locator("delivery-promise [part=promise] [part=place]").first()).toHaveText("to 37203");
      await look("product");
      await page.getByRole("button", { name: "Add to cart" }).click();
      await expect(page.getByRole("link", { name: "Cart (1)" })).toBeVisible();
      await expect(sentence(page)).toHaveText(/^(Get it|Order now)/);
      await look("cart");
      await page.getByRole("link", { name: "Check out" }).click();
      await page.getByLabel("ZIP code").fill("37203");
      await page.getByRole("button", { name: "Show delivery" }).click();
      await page.getByRole("radio", { name: /^(Get it|Order now)/ }).first().check();
      await page.getByLabel("Name").fill("Robin Reed");
      await page.getByLabel("E-mail").fill("robin@example.com");
      await page.getByLabel("Street").fill("1 Main Street");
      await page.getByLabel("City").fill("Nashville");
      await page.getByLabel("State").fill("TN");
      await look("checkout");
      await page.getByRole("button", { name: "Place order" }).click();
      await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
      await look("thanks");
      const order = await api.get(`orders/${page.url().split("/").pop()}`);
      expect(order.lines[0].sku).toBe("995242");
      expect(order.promise.by).toMatch(/^\d{4}-\d\d-\d\d$/);
      await expect.poll(async () => (await api.get(`orders/${order.id}`)).promise.routed_within).toBe(true);
    });
  });
}
